import Frames
import PostgresClient

/// How the rows that a stage made differ from those that a test expects.
public struct RowDifference: Sendable {
  public enum Change: Sendable { case missing, unexpected, changed }

  public struct Row: Sendable {
    public let change: Change
    /// One for each column.
    public let cells: [Cell]
  }

  /// What was expected and what was found, nil where it is null; of a row that is on one side only,
  /// that side stands on both.
  public struct Cell: Sendable {
    public let expected: String?
    public let found: String?
    public let isEqual: Bool
  }

  public let columns: [String]
  /// Columns by which rows were brought together.
  public let keys: [String]
  /// The first of them, in the order of the expected rows, then the unexpected.
  public let rows: [Row]
  /// Expected rows that were found with other values.
  public let changedCount: Int
  /// Expected rows that were not found.
  public let missingCount: Int
  /// Found rows that were not expected.
  public let unexpectedCount: Int
  /// All of them.
  public var count: Int { changedCount + missingCount + unexpectedCount }
  /// Rows that were expected.
  public let expectedCount: Int
}

/// Compares two tables in Postgres, by the equality of the columns' types; nulls are equal.
struct RowComparison {
  /// How many differing rows are shown.
  static let shown = 20

  enum Pairing {
    /// By these columns of those compared; all of them for a bag of rows.
    case columns([Int])
    /// One after the other.
    case place
  }

  let schema: TestSchema
  /// The compared columns, which both tables have as `c0`, `c1`, … beside `place`.
  let columns: [String]
  let pairing: Pairing

  private var keys: [String] {
    if case .columns(let places) = pairing { places.map { columns[$0] } } else { [] }
  }

  static func column(_ place: Int) -> String { "c\(place)" }

  func compare(
    expected: QualifiedName, _ expectedCount: Int, found: QualifiedName
  ) async throws -> RowDifference? {
    let names = columns.indices.map(Self.column)
    let list = (["place"] + names).joined(separator: ", ")
    let pairs: String?
    switch pairing {
    case .columns(let places): pairs = places.map(Self.column).joined(separator: ", ")
    case .place: pairs = nil
    }
    let sides = pairs.map { "is_expected, \($0)" } ?? "is_expected"
    let cells = names.map {
      ", e.\($0)::text, f.\($0)::text, e.\($0) IS NOT DISTINCT FROM f.\($0)"
    }.joined()
    let isDifferent =
      (["e.n IS NULL", "f.n IS NULL"]
      + names.map { "e.\($0) IS DISTINCT FROM f.\($0)" }).joined(separator: " OR ")
    let rows = try await schema.connection.query(
      """
      WITH both_sides AS (
        SELECT true AS is_expected, \(list) FROM \(try expected.sql)
        UNION ALL SELECT false, \(list) FROM \(try found.sql)),
      paired AS (
        SELECT *, row_number() OVER (PARTITION BY \(sides) ORDER BY place) AS n,
          dense_rank() OVER (ORDER BY \(pairs ?? "true")) AS g FROM both_sides)
      SELECT count(*) FILTER (WHERE e.n IS NOT NULL AND f.n IS NOT NULL) OVER (),
        count(*) FILTER (WHERE f.n IS NULL) OVER (), count(*) FILTER (WHERE e.n IS NULL) OVER (),
        e.n IS NOT NULL, f.n IS NOT NULL\(cells)
      FROM (SELECT * FROM paired WHERE is_expected) e
      FULL JOIN (SELECT * FROM paired WHERE NOT is_expected) f ON e.g = f.g AND e.n = f.n
      WHERE \(isDifferent)
      ORDER BY e.place NULLS LAST, f.place LIMIT \(Self.shown)
      """)
    guard let first = rows.first else { return nil }
    return RowDifference(
      columns: columns, keys: keys, rows: try rows.map(row), changedCount: try first.int(0),
      missingCount: try first.int(1), unexpectedCount: try first.int(2),
      expectedCount: expectedCount)
  }

  private func row(_ row: PostgresClient.Row) throws -> RowDifference.Row {
    let isExpected = try row.bool(3)
    let isFound = try row.bool(4)
    let change: RowDifference.Change =
      isExpected ? (isFound ? .changed : .missing) : .unexpected
    let cells = try columns.indices.map { place in
      let expected = try row.optionalString(.place(5 + 3 * place))
      let found = try row.optionalString(.place(6 + 3 * place))
      return RowDifference.Cell(
        expected: isExpected ? expected : found, found: isFound ? found : expected,
        isEqual: change == .changed ? try row.bool(.place(7 + 3 * place)) : true)
    }
    return RowDifference.Row(change: change, cells: cells)
  }
}
