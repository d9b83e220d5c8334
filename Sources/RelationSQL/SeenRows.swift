import Expressions
import Frames
import Relations

extension RelationShape {
  /// The condition under which a row of a source is seen by the as-of, or was known before it; nil where
  /// all are. A row whose time is null is never seen.
  public func visibility(
    _ rows: RelationSpelling.Rows, in dialect: Dialect, _ spelling: SQLSpelling
  ) -> String? {
    guard time != nil else { return nil }
    let printer = RelationPrinter(
      dialect: dialect,
      spelling: RelationSpelling(expressions: spelling) { name, _ in .table(name) })
    let asOf: String
    switch spelling.asOf {
    case .instant(let instant):
      let column = Column(type: .timestamptz, values: .int64([instant.microseconds]))
      asOf = dialect.literal(column, at: 0)
    case .sql(let text): asOf = text
    }
    func instant(_ name: String?) -> String? {
      name.flatMap { schema[$0] }.map { printer.instant($0, dialect.identifier($0.name)) }
    }
    var conditions = [instant(time), instant(arrived)].compactMap { $0.map { "\($0) < \(asOf)" } }
    if case .seen = rows, let validTo, let end = instant(validTo) {
      conditions.append("(\(dialect.identifier(validTo)) is null or \(end) >= \(asOf))")
    }
    return conditions.joined(separator: " and ")
  }
}
