import Frames
import PostgresClient

/// What a running stage may use. Made by whoever executes the run.
public protocol StageContext: Sendable {
  /// The instant up to which data is seen, exclusive.
  var asOf: Instant { get }
  /// The zone in which days are cut.
  var zone: CalendarZone { get }
  /// The key for holdouts, where the project has one.
  var holdoutKey: Secret? { get }
  /// Whether what a stage expects of its data stops it; otherwise it warns. A test gives a handful of
  /// rows, a preview may take a sample.
  var enforcesExpectations: Bool { get }
  /// Why nothing is published; nil where the run publishes.
  var unpublished: String? { get }
  /// Where a stage may keep rows from run to run; nil where nothing is kept.
  var stateFolder: StateFolder? { get }

  /// What a stage before this one handed on.
  func output(of stage: String) throws -> StageOutput
  /// The result of a SELECT on the run's snapshot of a source.
  func read(_ statement: PlannedStatement) async throws -> Frame
  /// Loads rows that become visible, with everything else of the run, when the run is published.
  func publish(_ frame: Frame, as snapshot: SnapshotTable) async throws
  /// Records that rows about entities are kept in a folder.
  func record(_ holding: Holding) async throws
  /// Says how far the stage is.
  func progress(_ progress: StageProgress)
}

/// How far a stage is, for a display.
public enum StageProgress: Sendable {
  case rows(Int)
  /// So many of so many, such as rounds of training.
  case steps(Int, of: Int)
}

/// A table in which every run has its own rows, of which a pointer says what is visible.
public struct SnapshotTable: Sendable {
  public let name: QualifiedName
  public let schema: Schema
  /// Columns that identify a row of one run.
  public let key: [String]
  /// What the table is, for its comment.
  public let about: String
  /// How long old publications are kept; nil for ever.
  public let keep: Span?

  /// The columns that every published table has before its own.
  public static let ownFields = [
    Field("as_of", .timestamptz, isNullable: false, about: "Data before this instant was seen."),
    Field("run_id", .int8, isNullable: false, about: "The run that made the row; see roost.runs."),
  ]

  /// The view of the latest publication, beside that of all.
  public static func current(of name: QualifiedName) -> QualifiedName {
    QualifiedName(schema: name.schema, name: name.name + "_current")
  }

  public init(name: QualifiedName, schema: Schema, key: [String], about: String, keep: Span?) {
    self.name = name
    self.schema = schema
    self.key = key
    self.about = about
    self.keep = keep
  }
}

extension StageContext {
  public var enforcesExpectations: Bool { true }
  public var unpublished: String? { nil }
  public var stateFolder: StateFolder? { nil }
  public func record(_ holding: Holding) async throws {}

  /// The relation that a stage before this one handed on.
  public func relation(_ stage: String) throws -> any Relation {
    guard case .relation(let relation) = try output(of: stage) else {
      throw StageFailure("stage \(stage) handed on no rows")
    }
    return relation
  }

  /// A thing of a known type that a stage before this one handed on.
  public func artifact<T: Artifact>(_ stage: String, as type: T.Type) throws -> T {
    guard case .artifact(let artifact as T) = try output(of: stage) else {
      throw StageFailure("stage \(stage) handed on no \(type)")
    }
    return artifact
  }
}

/// Why a stage cannot go on, for a person: what was found, what was expected, what to do. Never holds
/// values of rows.
public struct StageFailure: Error, Sendable, CustomStringConvertible {
  public let message: String
  public let help: String?
  /// Whether a check of the data stopped the run, rather than an error.
  public let isBlockedByCheck: Bool

  public init(_ message: String, help: String? = nil, isBlockedByCheck: Bool = false) {
    self.message = message
    self.help = help
    self.isBlockedByCheck = isBlockedByCheck
  }

  public var description: String { help.map { "\(message); \($0)" } ?? message }
}
