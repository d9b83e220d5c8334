import Diagnostics
import Foundation
import Frames

/// A project: `roost.yaml` and what it says.
public struct Project: Sendable {
  public let file: SourceFile
  /// The folder that holds `roost.yaml`.
  public let folder: String
  public let settings: ProjectSettings
  public let zone: CalendarZone

  /// The folder that paths in pipelines are relative to.
  public var root: String { Paths.join(folder, settings.root.text) }
  /// Of what its `alerts:` tell somebody.
  public var told: Set<AlertKind> { settings.alerts?.told ?? [] }
}

/// The keys of `roost.yaml`.
public struct ProjectSettings: Record {
  public static let about = "A project: its connections, its time zone, where its state is kept."
  public let version: Placed<Int>
  public let root: FilePath
  public let timezone: TimeZoneName?
  public let connections: EntriesByName<ConnectionName, DatabaseSettings>
  public let state: ConnectionName
  public let grantTo: RoleName?
  public let holdoutKey: Deferred?
  public let hashKey: Deferred?
  public let alerts: Alerts?

  public init(_ keys: inout Keys) {
    version = keys("roost", "Version of the language: 1.")
    root = keys(
      "root", "Folder that paths in the pipelines are relative to, seen from this file.",
      default: FilePath.written("."), shown: ".")
    timezone = keys("timezone", "Time zone in which days are cut; UTC when left out.")
    connections = keys("connections", "Databases by name.")
    state = keys("state", "Connection that holds schema roost and takes every write.")
    grantTo = keys("grant_to", "Role that may read what is published.")
    holdoutKey = keys("holdout_key", "Key of the hash that decides who is held out of campaigns.")
    hashKey = keys("hash_key", "Key of the hash that stands in for personal data.")
    alerts = keys("alerts", "Who is told when a run fails, is late or does not start.")
  }
}

/// An IANA time zone that this machine knows.
public struct TimeZoneName: Word {
  public static let word = WordShape(
    name: "a time zone", example: "Europe/Berlin", scalars: [.string])
  public let zone: CalendarZone
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    span = snippet.span
    guard let zone = CalendarZone(named: snippet.text) else {
      throw WordTrouble(
        "there is no time zone '\(snippet.excerpt)'",
        help: Suggestion.nearest(to: snippet.text, in: TimeZone.knownTimeZoneIdentifiers)
          .map { "did you mean '\($0)'?" } ?? "use an IANA name such as Asia/Shanghai")
    }
    self.zone = zone
  }
}

extension FilePath {
  /// A path as a default.
  static func written(_ text: String) -> FilePath {
    let file = SourceFile(name: "", text: text)
    guard let path = try? FilePath(parsing: Snippet(file: file)) else {
      preconditionFailure("'\(text)' is a path")
    }
    return path
  }
}
