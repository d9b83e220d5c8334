import Diagnostics
import Frames
import PostgresClient
import Testing

@testable import PipelineFiles

@Suite struct SQLScriptTests {
  private func statements(_ sql: String) -> [ScriptStatement] {
    let script = SQLScript(Snippet(file: SourceFile(name: "q.sql", text: sql)))
    let limit = Snippet(file: SourceFile(name: "p", text: "O'Hara"))
    return script.rendered(
      asOf: Instant(microseconds: 0), parameters: ["name": limit], Report()) ?? []
  }

  @Test(arguments: [
    ("SELECT 1", ["SELECT 1"]), ("SELECT 1;\n-- x\nSELECT 2;;", ["SELECT 1", "SELECT 2"]),
    (
      "SELECT ';', \";\", $$;$$, $a$;$a$ /* ; */; VALUES (1)",
      ["SELECT ';', \";\", $$;$$, $a$;$a$", "VALUES (1)"]
    ),
    (
      "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b); SELECT 1",
      ["CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)", "SELECT 1"]
    ),
    (
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
      [
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
        "SELECT 3",
      ]
    ),
    (
      "BEGIN; SELECT CASE WHEN true THEN 1 END; END; SELECT 2",
      ["BEGIN", "SELECT CASE WHEN true THEN 1 END", "END", "SELECT 2"]
    ),
    ("-- nothing\n ; /* at all */ ;", []),
    ("SELECT :name, ':name', :run_id", ["SELECT 'O''Hara', ':name', :run_id"]),
  ]) func `splits at semicolons`(sql: String, expected: [String]) {
    #expect(statements(sql).map(\.text) == expected)
  }

  @Test func `the runs number comes last`() throws {
    let statement = try #require(statements("DELETE FROM a.b\nWHERE run = :run_id AND x = 1").first)
    let sent = statement.sent(by: 42)
    #expect(sent.text == "DELETE FROM a.b\nWHERE run = bigint '42' AND x = 1")
    let place = try #require(sent.text.firstRange(of: "x = 1"))
    let offset = sent.text.utf8.distance(from: sent.text.startIndex, to: place.lowerBound)
    let start = sent.snippet.span(of: offset..<(offset + 1)).start
    #expect(start.line == 2 && start.column == 25)
  }

  @Test(arguments: [
    ("SELECT 1", "select", true), ("(SELECT 1)", "", true), ("TABLE a.b", "table", true),
    ("WITH a AS (INSERT INTO b.c VALUES (1) RETURNING 1) DELETE FROM d.e", "delete", true),
    ("WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a", "select", true),
    ("ANALYZE a.b", "analyze", false), ("CREATE TABLE a.b AS SELECT 1", "create", false),
    ("MERGE INTO a.b USING c ON true WHEN MATCHED THEN DELETE", "merge", true),
  ]) func `knows what a statement does`(sql: String, verb: String, isTyped: Bool) throws {
    let statement = try #require(statements(sql).first)
    #expect(statement.verb == verb)
    #expect(statement.isTypedWhenPrepared == isTyped)
  }

  @Test(arguments: [
    ("INSERT INTO a.b SELECT * FROM c.d", ["insert a.b"]),
    ("insert into \"A\".\"b\"\"c\" values (1)", ["insert A.b\"c"]),
    ("UPDATE ONLY A.B AS x SET y = 1 FROM c.d", ["update a.b"]),
    ("INSERT INTO a.b VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2", ["insert a.b"]),
    ("SELECT 1 FROM a.b FOR NO KEY UPDATE", []),
    (
      "MERGE INTO a.b t USING c.d ON true WHEN MATCHED THEN UPDATE SET x = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)",
      ["merge a.b"]
    ),
    (
      "WITH x AS (DELETE FROM a.b RETURNING *) UPDATE c SET y = 1 WHERE EXISTS (TABLE x)",
      ["delete a.b", "update c"]
    ),
  ]) func `finds what is changed`(sql: String, expected: [String]) throws {
    let statement = try #require(statements(sql).first)
    #expect(
      statement.targets.map { "\($0.change.rawValue) \($0.reference.name)" } == expected)
  }

  @Test func `renames tables`() throws {
    let sql = "INSERT INTO a.b (x)\nSELECT a.b.x, 'a.b' FROM A.\"b\", c.a.b WHERE a.bc > 1"
    let statement = try #require(statements(sql).first)
    let renamed = statement.renaming([QualifiedName(schema: "a", name: "b"): "pg_temp.\"b\""])
    #expect(
      renamed.text
        == "INSERT INTO pg_temp.\"b\" (x)\nSELECT pg_temp.\"b\".x, 'a.b' FROM pg_temp.\"b\", c.a.b WHERE a.bc > 1"
    )
    let place = try #require(renamed.text.firstRange(of: "bc"))
    let start = renamed.text.utf8.distance(from: renamed.text.startIndex, to: place.lowerBound)
    #expect(renamed.span(of: start..<(start + 2)).text == "bc")
  }

  @Test(arguments: ["SELECT 1 FROM a.b FOR UPDATE", "SELECT 1 FROM a.b FOR KEY SHARE"])
  func `knows what locks rows`(sql: String) throws {
    #expect(try #require(statements(sql).first).locksRows)
  }

  @Test(arguments: [
    ("bigint", ColumnType.int8), ("NUMERIC(14, 2)", .numeric(precision: 14, scale: 2)),
    ("timestamp with time zone", .timestamptz), ("Double  Precision", .float8),
  ]) func `types are read as SQL writes them`(text: String, expected: ColumnType) throws {
    let snippet = Snippet(file: SourceFile(name: "t", text: text))
    #expect(try ColumnTypeName(parsing: snippet).type == expected)
  }
}
