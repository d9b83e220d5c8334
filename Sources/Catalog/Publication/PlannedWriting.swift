import PipelineFiles
import PostgresClient

/// What Postgres's plan of a statement says of its writing: which sequences it moves, which columns
/// it leaves empty. Both are refused only with the first row.
public struct PlannedWriting: Sendable {
  private let text: String

  /// - Parameter plan: the plan as JSON, with what each step puts out.
  public init(_ plan: String) { text = plan }

  /// The sequences, by the names that Postgres writes.
  private var sequences: [String] {
    text.matches(of: #/(?:nextval|setval)\('((?:[^']|'')+)'::regclass/#)
      .map { String($0.1).replacing("''", with: "'").replacing("\\\"", with: "\"") }
  }

  /// Of a statement that is an INSERT, the values of a row in the order of the table's columns, those
  /// that were dropped included.
  private var inserted: [String]? {
    guard case .array(let plans)? = JSONValue(parsing: text), let plan = plans.first?["Plan"],
      plan["Node Type"]?.string == "ModifyTable", plan["Operation"]?.string == "Insert",
      case .array(let inner)? = plan["Plans"],
      let rows = inner.first(where: { $0["Parent Relationship"]?.string == "Outer" }),
      case .array(let values)? = rows["Output"]
    else { return nil }
    return values.compactMap(\.string)
  }

  /// The first sequence that the role may not move.
  public func closedSequence(_ connection: PostgresConnection) async throws -> String? {
    let sequences = sequences
    guard !sequences.isEmpty else { return nil }
    return try await connection.query(
      """
      SELECT w.name FROM unnest($1::text[]) w(name)
      WHERE has_sequence_privilege(to_regclass(w.name)::oid, 'USAGE, UPDATE') = false LIMIT 1
      """, [.texts(sequences)]
    ).first?.string("name")
  }

  /// The columns of the table that must not be null and that an INSERT gives null, where no trigger may
  /// fill them.
  func emptyColumns(
    of table: StandingTable, _ connection: PostgresConnection
  ) async throws -> [String] {
    let places = (inserted ?? []).enumerated().filter { $1.hasPrefix("NULL::") }.map {
      $0.offset + 1
    }
    guard !places.isEmpty else { return [] }
    let rows = try await connection.query(
      """
      SELECT a.attname FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = $1::oid AND a.attnum = ANY($2::int2[]) AND a.attnotnull
        AND NOT a.attisdropped AND a.attgenerated = '' AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_trigger t
          WHERE t.tgrelid = a.attrelid AND NOT t.tgisinternal AND t.tgtype & 7 = 7)
      ORDER BY a.attnum
      """, [Parameter(table.oid), .texts(places.map(String.init))])
    return try rows.map { try $0.string("attname") }
  }
}
