import Frames
import PipelineFiles
import State

/// One line of a structured log: something that happened in a run, kept or only just seen.
public struct LogLine: Sendable {
  /// Nil for what is said before there is a run.
  public let run: Int?
  public let attempt: Int?
  public let at: Instant
  public let level: EventLevel
  /// Nil for what concerns the whole run.
  public let stage: String?
  /// What happened: `begin`, `finish`, `note`, …
  public let event: String
  public let message: String
  /// How many rows a stage made, where the event says so.
  public var rows: Int?

  /// The line, without a line break.
  public var json: JSONValue {
    var fields: [String: JSONValue] = [
      "run": run.map { .integer($0) } ?? .null, "attempt": attempt.map { .integer($0) } ?? .null,
      "at": .string(at.rfc3339), "level": .string(level.rawValue),
      "stage": stage.map { .string($0) } ?? .null, "event": .string(event),
      "message": .string(message),
    ]
    if let rows { fields["rows"] = .integer(rows) }
    return .object(fields)
  }
}
