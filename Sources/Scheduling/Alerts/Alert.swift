import Diagnostics
import Foundation
import Frames
import PipelineFiles
import PostgresClient

/// An alert as people and programs get it. Pure: everything that is said is made from it.
public struct Alert: Sendable, Hashable {
  /// Its number, the same at every try to deliver it: who gets it twice can tell.
  public let id: Int
  public let kind: AlertKind
  public let subject: String
  public let message: String?
  public let pipeline: String?
  public let environment: String
  public let asOf: Instant?
  public let zone: CalendarZone
  public let run: Int?
  public let raisedAt: Instant
  /// The machine that tells it.
  public let host: String

  /// One sentence: `retention for 2026-06-21 failed: stage churn failed: …`.
  public var text: String {
    var text = headline
    if let message { text += ": \(message)" }
    if let remedy { text += " (\(remedy))" }
    return text
  }

  /// What happened, in a few words.
  public var headline: String {
    guard let pipeline else {
      // Its subject has a digest, which says nothing to people.
      return kind == .brokenFile ? "a file cannot be read" : subject
    }
    let place = environment.isEmpty ? "" : " in \(environment)"
    let asOf = asOf.map { " for \($0.shortText(in: zone))" } ?? ""
    let what =
      switch kind {
      case .succeeded: "succeeded"
      case .failed: "failed"
      case .blocked: "was blocked by a check"
      case .cancelled: "was cancelled"
      case .lost: "was lost"
      case .late: "is late"
      case .notStarted: "did not start"
      case .brokenFile: "has a broken file"
      case .held: "waits for approval"
      case .drift: "has drifted"
      }
    return "\(pipeline)\(asOf)\(place) \(what)"
  }

  private var remedy: String? {
    switch (kind, run) {
    case (.held, let run?): "roost diff \(run); roost approve \(run)"
    case (.succeeded, _): nil
    case (_, let run?): "roost show \(run)"
    case (_, nil): nil
    }
  }

  /// What a webhook and a command are given. `text` is what chat programs show.
  public var json: JSONValue {
    .object([
      "alert": .integer(id), "kind": .string(kind.rawValue), "text": .string(text),
      "subject": .string(subject), "message": message.map { .string($0) } ?? .null,
      "pipeline": pipeline.map { .string($0) } ?? .null, "environment": .string(environment),
      "as_of": asOf.map { .string($0.rfc3339) } ?? .null, "time_zone": .string(zone.name),
      "run": run.map { .integer($0) } ?? .null, "raised_at": .string(raisedAt.rfc3339),
      "host": .string(host),
    ])
  }

  /// A mail for sendmail: headers, an empty line, the text.
  public func mail(to addresses: [String]) -> String {
    let lines = [
      "To: \(addresses.joined(separator: ", "))",
      "Subject: \(Self.header("roost: \(headline)"))",
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 8bit", "Auto-Submitted: auto-generated",
      "X-Roost-Alert: \(id)", "", headline + ".",
    ]
    let details = [
      message.map(SafeText.lines), remedy, "\(host), \(raisedAt.offsetText(in: zone))",
    ]
    .compactMap(\.self)
    return (lines + details.flatMap { ["", $0] }).joined(separator: "\n") + "\n"
  }

  /// A header's text: in words of RFC 2047 where it is not plain ASCII, never more than one line.
  private static func header(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    if line.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return line }
    var words: [String] = []
    var word = ""
    // An encoded word has at most 75 characters.
    for character in line {
      if word.utf8.count + character.utf8.count > 42 {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    words.append(word)
    return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
      .joined(separator: "\n ")
  }
}

extension Alert {
  static let columns =
    """
    alert_id, kind, subject, message, pipeline, environment, as_of, zone, run_id, raised_at,
    to_jsonb(delivered) AS delivered, attempts
    """

  /// - Returns: nil where the kind is one of a newer roost.
  init?(_ row: Row, host: String) throws {
    guard let kind = AlertKind(rawValue: try row.string("kind")) else { return nil }
    self.kind = kind
    id = try row.int("alert_id")
    subject = try row.string("subject")
    message = try row.optionalString("message")
    pipeline = try row.optionalString("pipeline")
    environment = try row.string("environment")
    asOf = try row.optionalInstant("as_of")
    zone = try row.optionalString("zone").flatMap(CalendarZone.init) ?? .utc
    run = try row.optionalInt("run_id")
    raisedAt = try row.instant("raised_at")
    self.host = host
  }
}
