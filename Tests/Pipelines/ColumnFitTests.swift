import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Stages

/// Which values a column of a table that stands takes: Postgres is the witness.
@Suite struct ColumnFitTests {
  /// Types with values at their edges, as Postgres writes them.
  private static let types: [(ColumnType, [String])] = [
    (.int2, ["-32768", "32767"]), (.int4, ["-2147483648", "2147483647"]),
    (.int8, ["-9223372036854775808", "9223372036854775807", "9007199254740993"]),
    (.float4, ["0.1", "3.4028235e38", "1e-45"]), (.float8, ["0.1", "1.7976931348623157e308"]),
    (.numeric(precision: 7, scale: 2), ["99999.99", "-0.01"]),
    (.numeric(precision: 20, scale: 0), ["99999999999999999999"]),
    (.text, ["short", "exactly ten", ""]), (.bool, ["true"]), (.date, ["2026-01-01"]),
    (.timestamp, ["2026-01-01 12:00:00.000001"]), (.timestamptz, ["2026-01-01 12:00:00.000001+00"]),
    (.uuid, ["00000000-0000-0000-0000-000000000001"]), (.jsonb, ["{\"a\": 1}"]),
    (.interval, ["1 day"]),
  ]
  private static let columns =
    types.map(\.0.sqlName) + [
      "numeric", "numeric(4,2)", "numeric(5,0)", "numeric(10,0)", "numeric(19,0)", "numeric(21,1)",
      "numeric(9,3)", "character varying", "character varying(5)", "character(20)", "json",
      "time without time zone",
    ]

  @Test func `a column that fits takes every value and gives it back`() async throws {
    try await withDatabase { database in
      var fitting = 0
      for (type, values) in Self.types {
        for column in Self.columns {
          let fit = ColumnFit(type, column)
          guard fit == .fits else { continue }
          fitting += 1
          for value in values {
            let literal = try SQL.literal(value)
            try await database.connection.execute(
              script: """
                DROP TABLE IF EXISTS given, taken;
                CREATE TABLE given (v \(type.sqlName));
                CREATE TABLE taken (v \(column));
                INSERT INTO given VALUES (\(literal));
                INSERT INTO taken SELECT v FROM given;
                """)
            let same = try await database.connection.query(
              "SELECT g.v = t.v::\(type.sqlName) AS is_same FROM given g, taken t")
            #expect(try same.first?.bool("is_same") == true, "\(value) as \(type) in \(column)")
          }
        }
      }
      #expect(fitting >= Self.types.count + 10)
    }
  }

  @Test func `what a column cannot hold does not fit`() {
    for (type, column) in [
      (ColumnType.int8, "integer"), (.int8, "double precision"), (.int4, "real"),
      (.numeric(precision: 7, scale: 2), "numeric(9,1)"), (.float8, "numeric"), (.float8, "real"),
      (.int4, "numeric(9,0)"), (.date, "timestamp with time zone"), (.text, "integer"),
      (.text, "character(20)"), (.jsonb, "json"), (.timestamp, "timestamp with time zone"),
    ] {
      #expect(ColumnFit(type, column) == .doesNotFit, "\(type) in \(column)")
    }
    #expect(
      ColumnFit(.text, "character varying(40)") == .fitsSome(unless: "longer than 40 characters"))
  }
}
