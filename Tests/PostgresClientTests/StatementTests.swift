import PostgresClient
import TestSupport
import Testing

@Suite struct StatementTests {
  @Test func parametersGoThereAndBack() async throws {
    try await withDatabase { database in
      let rows = try await database.connection.query(
        "select $1::text as a, $2::int8 as b, $3::bool as c, $4::text as d, $5::float8 as e, $6::text[] as f",
        ["x'\\\"", 7, true, nil, 0.1, .texts(["a\"b\\", "", "{,}", "NULL"])])
      let row = try #require(rows.first)
      #expect(try row.string("a") == "x'\\\"")
      #expect(try row.int(1) == 7)
      #expect(try row.bool("c"))
      #expect(try row.optionalString("d") == nil)
      #expect(try row.double("e") == 0.1)
      #expect(try row.string("f") == #"{"a\"b\\","","{,}","NULL"}"#)
    }
  }
}
