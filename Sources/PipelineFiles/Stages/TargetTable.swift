import Frames
import PostgresFacts

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
  /// How much smaller it may get without a person's word; nil for anything.
  public let dropLimit: DropLimit?

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
    mode: WriteMode = .snapshot, changeLimit: ChangeLimit? = nil, dropLimit: DropLimit? = nil
  ) {
    self.name = name
    self.schema = schema
    self.key = key
    self.about = about
    self.keep = keep
    self.mode = mode
    self.changeLimit = changeLimit
    self.dropLimit = dropLimit
  }

  /// The columns in which a row counts as changed; nil for all beside the key. Those that follow the as-of
  /// differ in every row of every night.
  public var countedColumns: [String]? {
    if let columns = changeLimit?.columns { return columns }
    let fields = schema.fields.filter { !key.contains($0.name) }
    return fields.contains(where: \.followsAsOf)
      ? fields.filter { !$0.followsAsOf }.map(\.name) : nil
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

/// How much smaller a publication may be than the one whose place it takes.
public struct DropLimit: Sendable, Hashable {
  /// Of the rows before, those that may be gone.
  public let share: Double
  /// Whether none need be left.
  public let allowsEmpty: Bool
  /// Smaller publications than this differ by chance: they are held only where nothing is left.
  private let leastRows: Int

  /// What holds where nothing is said.
  public static let preset = DropLimit(share: 0.5, allowsEmpty: false, leastRows: 100)
  /// For rows that are chosen anew every night, such as a list of contacts.
  public static let unlessEmpty = DropLimit(share: 1, allowsEmpty: false, leastRows: 0)

  /// A limit that somebody has set.
  /// - Parameter share: of the rows before; 1 for all of them.
  public init(atMost share: Double) {
    self.init(share: share, allowsEmpty: share >= 1, leastRows: 0)
  }

  private init(share: Double, allowsEmpty: Bool, leastRows: Int) {
    self.share = share
    self.allowsEmpty = allowsEmpty
    self.leastRows = leastRows
  }

  /// Whether so many rows may take the place of others.
  public func allows(_ rows: Int, after before: Int) -> Bool {
    if rows >= before { return true }
    if rows == 0 { return allowsEmpty }
    return before < leastRows || Double(before - rows) <= share * Double(before)
  }

  /// When rows wait for a person's word; nil for never.
  public var condition: String? {
    if allowsEmpty { return nil }
    return share >= 1
      ? "no rows are left of the last publication's"
      : "more than \(Share(share)) of the last publication's rows are gone"
  }
}
