import Frames
import PostgresClient
import TestSupport
import Testing

@Suite struct DescriptionTests {
  private func withOrders(_ body: (PostgresConnection) async throws -> Void) async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          create type state as enum ('open', 'closed');
          create domain money_amount as numeric(12,2) not null;
          create table orders (
            id int8 primary key, amount money_amount, state state, note varchar(9), place point,
            total numeric, big numeric(50,3), round numeric(3,-2), small numeric(2,5), at timetz
          );
          comment on column orders.note is 'What the customer said.';
          """)
      try await body(database.connection)
    }
  }

  @Test func `columns have types nullability and comments`() async throws {
    try await withOrders { connection in
      let found = try await connection.describe(
        "select id, amount, state, note, total, big, round, small, id + 1 as next from orders")
      #expect(
        found.schema.fields == [
          Field("id", .int8, isNullable: false),
          Field("amount", .numeric(precision: 12, scale: 2)),
          Field("state", .text, labels: ["open", "closed"]),
          Field("note", .text, about: "What the customer said."),
          Field("total", .float8), Field("big", .float8),
          Field("round", .numeric(precision: 5, scale: 0)),
          Field("small", .numeric(precision: 5, scale: 5)),
          Field("next", .int8),
        ])
      #expect(found.approximated == ["total", "big"])
    }
  }

  @Test func `an outer join makes columns nullable`() async throws {
    try await withOrders { connection in
      let joined = try await connection.describe(
        "select o.id from generate_series(1, 2) x LEFT join orders o on o.id = x")
      #expect(joined.schema.fields == [Field("id", .int8)])
      let inner = try await connection.describe(
        "select o.id from generate_series(1, 2) x join orders o on o.id = x")
      #expect(inner.schema.fields == [Field("id", .int8, isNullable: false)])
    }
  }

  @Test(arguments: [("place", "point"), ("at", "time with time zone")])
  func `other types are refused by name`(_ column: String, _ type: String) async throws {
    try await withOrders { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.describe("select id, \(column) from orders")
      }
      #expect(
        error?.message == "column \"\(column)\" has type \(type), which cannot be read")
      #expect(error?.hint == "cast it in the query, as in \(column)::text")
      #expect(error?.column == column)
    }
  }

  @Test func `nothing is executed`() async throws {
    try await withOrders { connection in
      _ = try await connection.describe(
        "insert into orders (id, amount) values (1, 1) returning id")
      #expect(try await connection.query("select count(*) from orders")[0].int(0) == 0)
    }
  }

  @Test func `two columns of one name are refused`() async throws {
    try await withOrders { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.describe("select a.id, b.id from orders a, orders b")
      }
      #expect(error?.message == "two columns are named \"id\"")
    }
  }

  @Test func `a query that changed since its check is refused`() async throws {
    try await withOrders { connection in
      let checked = try await connection.describe("select id, note from orders").schema
      _ = try await connection.copyOut("select id, note from orders", expecting: checked)
      try await connection.execute("alter table orders alter note type int using 1")
      let error = await #expect(throws: PostgresError.self) {
        try await connection.copyOut("select id, note from orders", expecting: checked)
      }
      #expect(error?.message.contains("missing: note text; instead: note integer") == true)
    }
  }

  @Test(arguments: [
    ("total", ColumnType.text, "numeric"), ("id", .text, "bigint"), ("note", .int4, "text"),
    ("amount", .float8, "numeric(12,2)"),
    ("amount", .numeric(precision: 12, scale: 3), "numeric(12,2)"),
    ("id", .timestamptz, "bigint"), ("round", .numeric(precision: 5, scale: 1), "numeric(5,0)"),
  ])
  func `a frame that does not fit its table is refused`(
    _ column: String, _ type: ColumnType, _ shown: String
  ) async throws {
    try await withOrders { connection in
      let frame = Frame(
        schema: Schema([Field(column, type)]),
        columns: [ColumnBuilder(type: type).build()], rowCount: 0)
      let error = await #expect(throws: PostgresError.self) {
        try await connection.copyIn(frame, into: QualifiedName(schema: "public", name: "orders"))
      }
      #expect(
        error?.message
          == "column \"\(column)\" of public.orders is \(shown), which does not take "
          + "\(type.sqlName) unchanged")
    }
  }
}
