import Frames
import PostgresClient

/// How rows get into a table that readers see.
public enum WriteMode: String, Choice, Sendable {
  /// Every run has its own rows in a table of roost's, of which a pointer says what is visible.
  case snapshot
  /// Rows of a table that stands are changed by their key, and those that are not there are added.
  case upsert
  /// Rows are added to a table that stands.
  case append
  /// A table that stands has the run's rows afterwards, and no others.
  case replace

  /// Whether the table is made by roost, which alone writes in it.
  public var isRoosts: Bool { self == .snapshot }
  /// Whether rows are found again by their key.
  public var usesKey: Bool { self == .upsert || self == .replace }
}

/// A table that a stage publishes rows in.
public struct TargetTable: Sendable {
  public let name: QualifiedName
  public let schema: Schema
  /// Columns that identify a row of one run.
  public let key: [String]
  /// What the table is, for its comment.
  public let about: String
  /// How long old publications are kept; nil for ever.
  public let keep: Span?
  public let mode: WriteMode
  /// How much may change from one publication to the next without a person's word; nil for anything.
  public let changeLimit: ChangeLimit?

  /// The columns that every table of roost's has before its own.
  public static let ownFields = [
    Field("as_of", .timestamptz, isNullable: false, about: "Data before this instant was seen."),
    Field("run_id", .int8, isNullable: false, about: "The run that made the row; see roost.runs."),
  ]

  /// The view of the latest publication, beside that of all.
  public static func current(of name: QualifiedName) -> QualifiedName {
    QualifiedName(schema: name.schema, name: name.name + "_current")
  }

  public init(
    name: QualifiedName, schema: Schema, key: [String], about: String, keep: Span?,
    mode: WriteMode = .snapshot, changeLimit: ChangeLimit? = nil
  ) {
    self.name = name
    self.schema = schema
    self.key = key
    self.about = about
    self.keep = keep
    self.mode = mode
    self.changeLimit = changeLimit
  }

  /// The columns that readers find, as far as the run decides them.
  public var publishedFields: [Field] {
    (mode.isRoosts ? Self.ownFields : []) + schema.fields
  }
}

/// A limit for members added, removed and changed, as a share of the last publication's rows.
public struct ChangeLimit: Sendable, Hashable {
  public let share: Double
  /// The columns in which a row counts as changed; nil for all.
  public let columns: [String]?

  public init(share: Double, columns: [String]? = nil) {
    self.share = share
    self.columns = columns
  }
}
