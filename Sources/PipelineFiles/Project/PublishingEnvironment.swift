import PostgresFacts

/// Where a run publishes: the project's own schemas, or copies of them for trying things out. The one
/// place in which names of published tables are resolved.
public struct PublishingEnvironment: Sendable, Hashable {
  /// Nil for the project's own schemas.
  public let name: String?

  /// Whether a schema is one in which no pipeline makes or changes tables: Roost's own, and those that
  /// Postgres keeps for itself.
  public static func isReserved(_ schema: String) -> Bool {
    ["roost", "roost_data", "information_schema"].contains(schema) || schema.hasPrefix("pg_")
  }

  public static let standard = PublishingEnvironment()

  private init() { name = nil }

  /// Nil unless the name has only small letters, digits and single _ between them, begins with a letter,
  /// and is short.
  public init?(named name: String) {
    guard name.utf8.count <= 30, name.wholeMatch(of: /[a-z][a-z0-9]*(?:_[a-z0-9]+)*/) != nil else {
      return nil
    }
    self.name = name
  }

  /// Whether a schema can be published in environments: of `a__b` nobody could say whether it is `a` in
  /// environment `b`.
  public static func canStandIn(_ schema: String) -> Bool { !schema.contains("__") }

  /// The table that stands for a published table in this environment: `marketing__dev.scores`.
  public func resolve(_ table: QualifiedName) -> QualifiedName {
    guard let name, let schema = table.schema else { return table }
    return QualifiedName(schema: "\(schema)__\(name)", name: table.name)
  }
}
