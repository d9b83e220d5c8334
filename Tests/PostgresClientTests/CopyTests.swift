import Frames
import PostgresClient
import TestSupport
import Testing

@Suite struct CopyTests {
  static let types = """
    create type mood as enum ('sad', 'ok');
    create domain positive as integer check (value > 0);
    """

  private func frame(_ columns: [Column]) -> Frame {
    let fields = columns.enumerated().map { Field("c\($0)", $1.type) }
    return Frame(schema: Schema(fields), columns: columns, rowCount: columns[0].count)
  }

  @Test func `every type goes there and back`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(script: Self.types)
      for sample in ColumnSample.all {
        try await connection.execute(
          script: "drop table if exists t; create table t (place serial, c0 \(sample.table))")
        let source = frame([sample.column])
        #expect(
          try await connection.copyIn(source, into: QualifiedName(name: "t"))
            == sample.column.count)
        let rows = try await connection.query("select c0::text from t order by place")
        let shown = try rows.map { try $0.optionalString(0) }
        #expect(shown == sample.texts, "\(sample.table)")
        let result = try await connection.copyOut("select c0 from t order by place")
        if sample.table != "numeric" {
          #expect(result.columns[0].cells == sample.column.cells, "\(sample.table)")
        }
        #expect(result.columns[0].nullCount == sample.column.nullCount)
        if sample.table == sample.type.sqlName {
          #expect(result.schema.fields == [Field("c0", sample.type)])
        }
      }
    }
  }

  @Test func `many columns of many rows keep their places`() async throws {
    try await withDatabase { database in
      let width = 400
      let rows = 300
      let columns = (0..<width).map { column in
        Column(
          type: .int8, values: .int64((0..<rows).map { Int64($0 * width + column) }),
          validity: (0..<rows).map { ($0 + column) % 7 != 0 })
      }
      let list = (0..<width).map { "c\($0) int8" }.joined(separator: ", ")
      try await database.connection.execute("create table t (\(list))")
      try await database.connection.copyIn(frame(columns), into: QualifiedName(name: "t"))
      let result = try await database.connection.copyOut("select * from t order by c1, c2")
      for (found, expected) in zip(result.columns, columns) where found.cells != expected.cells {
        #expect(Set(found.cells) == Set(expected.cells))
      }
      let sum = columns.indices.map { "coalesce(c\($0), 0)" }.joined(separator: "+")
      let total = try await database.connection.query("select sum(\(sum))::int8 from t")[0].int(0)
      var expected = 0
      for column in columns {
        guard case .int64(let values) = column.values else { continue }
        for row in 0..<rows where !column.isNull(row) { expected += Int(values[row]) }
      }
      #expect(total == expected)
    }
  }

  @Test func `no rows and no columns`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(script: "create table t (x int, y text)")
      let empty = try await connection.copyOut("select x, y from t")
      #expect(empty.rowCount == 0 && empty.schema.names == ["x", "y"])
      #expect(try await connection.copyIn(empty, into: QualifiedName(name: "t")) == 0)
      let bare = try await connection.copyOut("select from generate_series(1, 3)")
      #expect(bare.rowCount == 3 && bare.columns.isEmpty)
      #expect(try await connection.copyOut("select from t").rowCount == 0)
    }
  }

  @Test func `a long text goes there and back`() async throws {
    try await withDatabase { database in
      try await database.connection.execute("create table t (c0 text)")
      let text = String(repeating: "0123456789äöüß", count: 1 << 20)
      let column = Column(
        type: .text, values: .text([0, 1, 0], TextDictionary([text, "short"])))
      try await database.connection.copyIn(frame([column]), into: QualifiedName(name: "t"))
      let rows = try await database.connection.query("select md5(c0), octet_length(c0) from t")
      #expect(try rows.map { try $0.int(1) } == [text.utf8.count, 5, text.utf8.count])
      let result = try await database.connection.copyOut("select c0 from t")
      #expect(result.columns[0].cells == column.cells)
    }
  }

  @Test func `progress is told`() async throws {
    try await withDatabase { database in
      let (steps, told) = AsyncStream.makeStream(of: Int.self)
      let frame = try await database.connection.copyOut(
        "select x from generate_series(1, 200000) x", onProgress: { told.yield($0) })
      told.finish()
      var seen: [Int] = []
      for await step in steps { seen.append(step) }
      #expect(seen.count > 2)
      #expect(seen == seen.sorted())
      #expect(seen.last == 200_000)
      #expect(frame.rowCount == 200_000)
    }
  }

  @Test(arguments: [
    "select 1 as x;", "select 1 as x -- done; really", "select 1 as x; -- done;",
    "select 1 as x /* ; /* ; */ ; */ ;", "select length(E'\\';') - 1 as x;",
    "select length('\\;') - 1 as x ;", "select length($a$;$$;$a$) - 3 as x;",
    "with \"a;b\" as (select 1 as x) select * from \"a;b\" ; ", "values (1), (1);",
    "select 1 as \"it''s;\"", "select length(E'a''\\'b;') - 4 as x;", "table one;",
  ])
  func `statements end as people write them`(_ sql: String) async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: "create table one (x int); insert into one values (1)")
      let frame = try await database.connection.copyOut(sql)
      #expect(frame.columns.map { $0.cells[0] } == [Int64(1)])
    }
  }

  @Test func `an error points into the statement as it was given`() async throws {
    try await withDatabase { database in
      for sql in ["select\n  missing from (select 1) t", "select 1 +\n  missing;"] {
        let error = await #expect(throws: PostgresError.self) {
          try await database.connection.copyOut(sql)
        }
        let place = sql.unicodeScalars.firstIndex(of: "m").map {
          sql.unicodeScalars.distance(from: sql.startIndex, to: $0)
        }
        #expect(error?.position == place)
        #expect(error?.sqlState == "42703")
      }
      for sql in ["select 1; select 2", "select 1) to program 'false' --", "select $1::int"] {
        await #expect(throws: PostgresError.self) { try await database.connection.copyOut(sql) }
      }
      let rows = try await database.connection.query("select 1")
      #expect(try rows[0].int(0) == 1)
    }
  }

  @Test func `an error halfway leaves the session usable`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      var error = await #expect(throws: PostgresError.self) {
        try await connection.copyOut("select 10 / (5000 - x) as y from generate_series(1, 9000) x")
      }
      #expect(error?.sqlState == "22012")
      error = await #expect(throws: PostgresError.self) {
        try await connection.copyOut(
          "select (case x when 7000 then 'NaN' else '1' end)::numeric(9, 2) as price "
            + "from generate_series(1, 3000000) x")
      }
      #expect(error?.kind == .data(column: "price", row: 7000))
      #expect(
        error?.message
          == "column \"price\" has in row 7000 NaN, which an exact decimal cannot hold")
      try await connection.execute("create table t (x int primary key, s int2)")
      let twice = frame([Column(type: .int4, values: .int64([1, 2, 1]))])
      error = await #expect(throws: PostgresError.self) {
        try await connection.copyIn(twice, into: QualifiedName(name: "t"), columns: ["x"])
      }
      #expect(error?.sqlState == "23505")
      #expect(try await connection.query("select count(*) from t")[0].int(0) == 0)
    }
  }

  @Test func `a text that is not UTF-8 is named by column and row`() async throws {
    try await withDatabaseWithoutEncoding { connection in
      try await connection.execute(
        script: """
          create table t (id int, "the name" text, c char(4));
          insert into t select i, 'ä' || i, 'ü' from generate_series(1, 30000) i;
          """)
      let whole = try await connection.copyOut("select * from t order by id")
      #expect(whole.rowCount == 30000 && text(whole, "the name", 29_999) == "ä30000")
      #expect(text(whole, "c", 0) == "ü")
      for (column, row) in [("the name", 2), ("the name", 29_999), ("c", 20_000)] {
        try await connection.execute(
          script: """
            update t set "the name" = 'ä' || id, c = 'ü';
            update t set "\(column)" = E'\\xe9t' where id = \(row);
            """)
        let error = await #expect(throws: PostgresError.self) {
          try await connection.copyOut("select * from t order by id")
        }
        #expect(error?.kind == .data(column: column, row: row))
        #expect(
          error?.message.hasPrefix("column \"\(column)\" has in row \(row) a text") == true)
        // What the hint says helps.
        let hint = try #require(error?.hint)
        let mended = try #require(hint.firstMatch(of: #/convert_from\(.*'UTF8'\)/#)).output
        let read = try await connection.copyOut(
          "select \(mended) as x from t where id = \(row)")
        #expect(text(read, "x", 0)?.hasPrefix("ét") == true)
      }
    }
  }

  /// Also after it was read in a transaction that goes on, and in one that is aborted.
  @Test func `what is said after reading a database without an encoding is UTF-8 again`()
    async throws
  {
    try await withDatabaseWithoutEncoding { connection in
      try await connection.execute(script: "create table t (x text); insert into t values ('ä')")
      func encoding() async throws -> String? {
        try await connection.query("select current_setting('client_encoding')")[0].string(0)
      }
      _ = try await connection.copyOut("select x from t")
      #expect(try await encoding() == "UTF8")
      try await connection.execute("begin")
      _ = try await connection.copyOut("select x from t")
      try await connection.execute("commit")
      #expect(try await encoding() == "UTF8")
      try await connection.execute("insert into t values (E'\\xff')")
      await #expect(throws: PostgresError.self) { try await connection.copyOut("select x from t") }
      #expect(try await encoding() == "UTF8")
      try await connection.execute("begin")
      await #expect(throws: PostgresError.self) {
        try await connection.copyOut("select x, 1 / (length(x) - 1) from t")
      }
      try await connection.execute("rollback")
      #expect(try await encoding() == "UTF8")
    }
  }

  private func text(_ frame: Frame, _ column: String, _ row: Int) -> String? {
    guard case .text(let codes, let dictionary)? = frame[column]?.values else { return nil }
    return dictionary[codes[row]]
  }

  private func withDatabaseWithoutEncoding(
    _ body: (PostgresConnection) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      let name = "ascii_" + database.name
      try await database.connection.execute(
        "create database \(name) template template0 encoding 'SQL_ASCII' locale 'C'")
      let connection = try await PostgresConnection.connect(
        to: ConnectionString(database.url.replacing(database.name, with: name)))
      try await body(connection)
      await connection.close()
      try await database.connection.execute("drop database \(name) with (force)")
    }
  }
}
