/// Rows as SQL.
public struct PrintedRelation: Sendable {
  /// One of its parts, which reads stages and those before it.
  public struct Part: Sendable {
    public let name: String
    /// What it does, in a few words.
    public let about: String
    public let select: String
  }

  /// What must hold where an engine says it by an error: a SELECT that finds what does not.
  public struct Assertion: Sendable {
    /// What is wrong where it finds rows.
    public let about: String
    public let select: String
  }

  /// In the order in which they build on one another; the last makes the rows.
  public private(set) var parts: [Part] = []
  public private(set) var assertions: [Assertion] = []
  /// The columns of the rows, in order, as they are written.
  public internal(set) var columns: [String] = []
  /// What to order by so that rows come as an engine hands them on.
  public internal(set) var order: [String] = []

  mutating func add(_ name: String, _ about: String, _ select: String) {
    parts.append(Part(name: name, about: about, select: select))
  }

  mutating func require(_ about: String, _ select: String) {
    assertions.append(
      Assertion(about: about, select: with(parts) + select))
  }

  /// One statement.
  public var sql: String {
    guard let last = parts.last else { return "" }
    let order = order.isEmpty ? "" : "\norder by " + order.joined(separator: ", ")
    return with(parts) + "select \(columns.joined(separator: ", "))\nfrom \(last.name)\(order)"
  }

  private func with(_ parts: [Part]) -> String {
    guard !parts.isEmpty else { return "" }
    let texts = parts.map { part in
      // As it stands: a literal in it may hold line breaks.
      "\(part.name) as (  -- \(part.about)\n\(part.select)\n)"
    }
    return "with\n" + texts.joined(separator: ",\n") + "\n"
  }
}
