/// A table that roost did not make and that rows are written into, as it stands.
public struct WritableTable: Sendable, Hashable {
  public struct Column: Sendable, Hashable {
    public let name: String
    /// As Postgres writes it.
    public let type: String
    /// Of a domain the type below it.
    public let base: String?
    /// Of a domain whether it has conditions of its own.
    public let hasConditions: Bool
    /// The labels of an enum, or of one below a domain; empty for another type.
    public let labels: [String]
    /// Whether it must have a value, and nothing gives it one where a row says none.
    public let needsValue: Bool
    /// Whether its values are Postgres's own: generated from others, or counted.
    public let isGenerated: Bool

    package init(
      name: String, type: String, base: String?, hasConditions: Bool, labels: [String],
      needsValue: Bool, isGenerated: Bool
    ) {
      self.name = name
      self.type = type
      self.base = base
      self.hasConditions = hasConditions
      self.labels = labels
      self.needsValue = needsValue
      self.isGenerated = isGenerated
    }

    /// The type in which its values are sent.
    public var plainType: String { base ?? type }
  }

  /// What it is, where it is no table: "a view".
  public let otherKind: String?
  public let columns: [Column]
  /// The columns of each index that keeps them unique in all rows.
  public let uniqueKeys: [Set<String>]
  /// The same of constraints that are looked at only later, by which Postgres finds no rows.
  public let deferrableKeys: [Set<String>]
  /// Privileges that the role has on it or on columns of it: `INSERT`, `SELECT` and so on.
  public let privileges: Set<String>
  /// The role that writes.
  public let role: String
  /// Whether policies decide which of its rows the role sees.
  public let hasRowSecurity: Bool

  package init(
    otherKind: String?, columns: [Column], uniqueKeys: [Set<String>],
    deferrableKeys: [Set<String>], privileges: Set<String>, role: String, hasRowSecurity: Bool
  ) {
    self.otherKind = otherKind
    self.columns = columns
    self.uniqueKeys = uniqueKeys
    self.deferrableKeys = deferrableKeys
    self.privileges = privileges
    self.role = role
    self.hasRowSecurity = hasRowSecurity
  }

  public subscript(name: String) -> Column? { columns.first { $0.name == name } }
}
