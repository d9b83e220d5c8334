import Diagnostics
import Foundation
import PipelineFiles
import Threads

/// What ends a run although nothing failed: its time is up, or it holds too much memory.
struct RunLimits: Sendable {
  let timeout: Elapsed?
  /// Bytes that the process may hold.
  let memory: Int
  /// As the author wrote it; nil where the machine sets the limit.
  let memoryText: String?
  private let began = ContinuousClock.now

  init(_ settings: PipelineSettings) {
    timeout = settings.timeout
    memoryText = settings.memory?.description
    // The rest is left to the kernel and to Postgres, if it is beside us.
    memory = settings.memory?.bytes ?? MachineMemory.bytes / 10 * 9
  }

  /// - Throws: `LimitReached`.
  func check() throws {
    if let timeout, ContinuousClock.now - began > timeout.duration {
      throw LimitReached.timeout("\(timeout)")
    }
    let held = ProcessUse.residentBytes
    if held > memory {
      throw LimitReached.memory(
        held: held >> 20, limit: memoryText ?? "\(memory >> 20) MB, most of this machine's")
    }
  }
}

/// A run took more than it may.
enum LimitReached: EndsCommand {
  /// Its time is up.
  case timeout(String)
  /// It holds more memory, in megabytes, than it may.
  case memory(held: Int, limit: String)

  var status: ExitStatus { .stageFailed }

  var description: String {
    switch self {
    case .timeout(let limit):
      "it took longer than its timeout of \(limit); see which stage did with: roost show, or give it "
        + "more time with timeout:"
    case .memory(let held, let limit):
      "it holds \(held) MB of memory and may hold \(limit); read fewer rows or columns, let fewer "
        + "stages run at once with max_parallel:, or allow more with memory:"
    }
  }
}

/// How much memory there is for this process.
enum MachineMemory {
  /// Of the machine, or of the control group that the process is in (cgroup v2).
  static let bytes: Int = {
    let all = Int(ProcessInfo.processInfo.physicalMemory)
    guard let group = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
      let path = group.split(separator: "\n").first(where: { $0.hasPrefix("0::") })?.dropFirst(3),
      let limit = try? String(contentsOfFile: "/sys/fs/cgroup\(path)/memory.max", encoding: .utf8),
      let bytes = Int(limit.trimmingCharacters(in: .whitespacesAndNewlines))
    else { return all }
    return min(all, bytes)
  }()
}
