import PostgresClient
import Synchronization

/// How long locked sources are waited for.
public struct SourcePatience: Sendable {
  /// In all; then the attempt has failed.
  public var whole: Swift.Duration
  /// So long nothing is said.
  public var silent: Swift.Duration

  public init(whole: Swift.Duration = .seconds(60), silent: Swift.Duration = .seconds(1)) {
    self.whole = whole
    self.silent = silent
  }
}

/// What is to be said of how sources are read, told at once and kept by stage.
final class SourceRemarks: Sendable {
  private let observer: RunObserver
  private let texts = Mutex<[String: [String]]>([:])

  init(_ observer: @escaping RunObserver) { self.observer = observer }

  func note(_ event: SnapshotEvent) {
    switch event {
    case .waiting(let session, let relation, let stages):
      let readers =
        stages.isEmpty ? "" : ", which stage \(stages.joined(separator: ", ")) still reads"
      observer(.note("\(session) waits for \(relation)\(readers)"))
      texts.withLock { texts in
        for stage in stages {
          texts[stage, default: []].append("\(session) waited for \(relation) until it was read")
        }
      }
    }
  }

  /// Says that sources may lack rows, once for each.
  func warn(of stale: [String: String], _ readings: [String: [SourceReading]]) {
    for (source, text) in stale.sorted(by: { $0.key < $1.key }) {
      observer(.note("\(source) is \(text)"))
      guard let first = readings[source]?.first else { continue }
      texts.withLock { $0[first.name, default: []].append("\(source) is \(text)") }
    }
  }

  func texts(of stage: String) -> [String] { texts.withLock { $0[stage] ?? [] } }
}
