import PostgresClient

/// What the catalogue of a source says of its tables.
public struct SourceCatalog: Sendable, Hashable {
  public var tables: [SourceTable]
  /// The database's own time zone.
  public var timeZone: String
  /// Schemas with tables that were not looked at.
  public var otherSchemas: [String]

  public init(tables: [SourceTable], timeZone: String = "UTC", otherSchemas: [String] = []) {
    self.tables = tables
    self.timeZone = timeZone
    self.otherSchemas = otherSchemas
  }
}

/// A table or view of a source.
public struct SourceTable: Sendable, Hashable {
  public struct ForeignKey: Sendable, Hashable {
    public let columns: [String]
    public let target: QualifiedName
    public let targetColumns: [String]

    public init(_ columns: [String], to target: QualifiedName, _ targetColumns: [String]) {
      self.columns = columns
      self.target = target
      self.targetColumns = targetColumns
    }
  }

  public let name: QualifiedName
  public var columns: [SourceColumn]
  /// Columns of the primary key; empty where there is none.
  public var primaryKey: [String]
  /// Columns of other unique keys, none of which may be null.
  public var uniqueKeys: [[String]]
  public var foreignKeys: [ForeignKey]
  /// Rows as the server estimates them; nil where it was never told.
  public var rows: Double?
  /// Whether a part of its pages can be read instead of all.
  public var canSample: Bool
  /// Size on disk in bytes.
  public var bytes: Int

  public init(
    _ name: QualifiedName, columns: [SourceColumn], primaryKey: [String] = [],
    uniqueKeys: [[String]] = [], foreignKeys: [ForeignKey] = [], rows: Double? = nil,
    canSample: Bool = false, bytes: Int = 0
  ) {
    self.name = name
    self.columns = columns
    self.primaryKey = primaryKey
    self.uniqueKeys = uniqueKeys
    self.foreignKeys = foreignKeys
    self.rows = rows
    self.canSample = canSample
    self.bytes = bytes
  }

  subscript(column: String) -> SourceColumn? { columns.first { $0.name == column } }

  /// Whether no two rows can have the same value of a column.
  func isUnique(_ column: String) -> Bool {
    primaryKey == [column] || uniqueKeys.contains([column])
  }

  /// Columns that identify a row, as the database knows it; nil where it does not.
  var key: [String]? { primaryKey.isEmpty ? uniqueKeys.first : primaryKey }
}

/// A column of a source.
public struct SourceColumn: Sendable, Hashable {
  /// What a type is good for here.
  public enum Kind: Sendable, Hashable {
    case integer, decimal, float, text, uuid, date, timestamp, timestamptz, bool, other
    /// Cannot be read as it is, but as the type of this name.
    case cast(to: String)
    case unreadable
  }

  public let name: String
  public var kind: Kind
  /// As Postgres writes it.
  public var typeName: String
  public var isNotNull: Bool
  /// Whether this role may read it.
  public var isAllowed: Bool
  /// Share of rows with a value of their own, from the server's statistics; nil where there are none.
  public var distinctShare: Double?

  public init(
    _ name: String, _ kind: Kind, typeName: String? = nil, isNotNull: Bool = false,
    isAllowed: Bool = true, distinctShare: Double? = nil
  ) {
    self.name = name
    self.kind = kind
    self.typeName = typeName ?? "\(kind)"
    self.isNotNull = isNotNull
    self.isAllowed = isAllowed
    self.distinctShare = distinctShare
  }

  /// Whether it can be read, and should be.
  var isReadable: Bool {
    isAllowed && kind != .unreadable && !ColumnGuesses.isSecret(self)
  }
  var isTime: Bool { kind == .date || kind == .timestamp || kind == .timestamptz }
  var isNumber: Bool { kind == .integer || kind == .decimal || kind == .float }

  /// Columns with one of these can be looked up in each other.
  var keyType: String {
    switch kind {
    case .integer: "integer"
    case .text, .cast(to: "text"): "text"
    default: typeName
    }
  }

  /// Whether it can name what features are about.
  var canBeKey: Bool {
    switch kind {
    case .integer, .text, .uuid, .decimal, .cast(to: "text"): isReadable
    default: false
    }
  }
}
