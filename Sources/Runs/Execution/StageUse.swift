import PipelineFiles
import Threads

/// The processor time of each stage. The process has only one clock for it, so what passes while
/// several stages are under way counts for them in equal parts; all stages together have all of it.
struct StageUse {
  private let clock: @Sendable () -> Double
  private var settled: Double
  private var running: [String: Double] = [:]

  /// - Parameter clock: processor seconds of the process so far.
  init(clock: @escaping @Sendable () -> Double = { ProcessUse.processorSeconds }) {
    self.clock = clock
    settled = clock()
  }

  mutating func begin(_ stage: String) {
    settle()
    running[stage] = 0
  }

  /// - Returns: processor seconds since `begin`.
  mutating func end(_ stage: String) -> Double {
    settle()
    return running.removeValue(forKey: stage) ?? 0
  }

  private mutating func settle() {
    let now = clock()
    let share = (now - settled) / Double(max(1, running.count))
    for stage in running.keys { running[stage, default: 0] += share }
    settled = now
  }
}

extension StageResult {
  /// The result with what it took among its details: `processor_seconds`, `peak_megabytes` (the most
  /// memory that the process had held by then), and the same seconds for its `parts`.
  func measured(processorSeconds: Double) -> StageResult {
    guard case .object(var details) = details else { return self }
    details["processor_seconds"] = .milliseconds(processorSeconds)
    details["peak_megabytes"] = .integer(ProcessUse.peakBytes >> 20)
    if !drift.isEmpty { details["drift"] = .array(drift.map { .string($0) }) }
    if !parts.isEmpty {
      details["parts"] = .array(
        parts.map { part in
          .object([
            "part": .string(part.name), "seconds": .milliseconds(part.seconds),
            "processor_seconds": .milliseconds(part.processorSeconds),
          ])
        })
    }
    return StageResult(
      output: output, rows: rows, notes: notes, warnings: warnings, details: .object(details),
      objections: objections)
  }
}

extension JSONValue {
  /// Seconds to the millisecond.
  fileprivate static func milliseconds(_ seconds: Double) -> JSONValue {
    .number((seconds * 1000).rounded() / 1000)
  }
}
