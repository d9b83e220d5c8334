import Diagnostics
import Testing

@testable import PipelineFiles

/// What is read from statements at whose names Postgres looks only when they run.
@Suite struct UtilityNeedTests {
  private func statement(_ sql: String) -> ScriptStatement {
    ScriptStatement(Snippet(file: SourceFile(name: "a.sql", text: sql)))
  }

  private func shown(_ sql: String) -> [String] {
    statement(sql).needs.map { need in
      let kind =
        switch need.kind {
        case .index(let name): "index \(name ?? "-") on"
        case .create(let replaces): replaces ? "replace" : "create"
        default: "\(need.kind)"
        }
      return "\(kind) \(need.object) \(need.reference.name)" + (need.isConditional ? "?" : "")
    }
  }

  private static let statements: [(String, [String])] = [
    ("TRUNCATE a.b", ["truncate table a.b"]),
    (
      "truncate table only a.b, c * , \"D\".e CASCADE",
      ["truncate table a.b", "truncate table c", "truncate table D.e"]
    ),
    ("ALTER TABLE IF EXISTS ONLY a.b ADD c int", ["change table a.b?"]),
    ("ALTER MATERIALIZED VIEW v RENAME TO w", ["change materialized view v"]),
    ("ALTER ROLE x SET y = 1", []),
    ("COMMENT ON TABLE a.b IS 'x'", ["change table a.b"]),
    ("COMMENT ON COLUMN a.b.c IS 'x'", ["change table a.b"]),
    ("COMMENT ON COLUMN b.c IS 'x'", ["change table b"]),
    ("COMMENT ON FUNCTION f() IS 'x'", []),
    ("DROP VIEW IF EXISTS a.b, c", ["drop view a.b?", "drop view c?"]),
    ("DROP SCHEMA a CASCADE", ["dropSchema schema a"]),
    ("DROP FUNCTION f()", []),
    ("CREATE TABLE a.b (c int)", ["create table a.b"]),
    ("CREATE UNLOGGED TABLE IF NOT EXISTS a.b AS SELECT 1", ["create table a.b?"]),
    ("CREATE TEMP TABLE b (c int)", ["createTemporary table b"]),
    ("CREATE OR REPLACE VIEW a.b AS SELECT 1", ["replace view a.b"]),
    ("CREATE MATERIALIZED VIEW a.b AS SELECT 1", ["create materialized view a.b"]),
    ("CREATE UNIQUE INDEX IF NOT EXISTS i ON ONLY a.b (c)", ["index i on table a.b?"]),
    ("CREATE INDEX ON a.b USING gin (c)", ["index - on table a.b"]),
    ("CREATE SCHEMA IF NOT EXISTS s", ["createSchema schema s?"]),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1", []),
    ("INSERT INTO a.b VALUES (1)", []), ("TRUNCATE", []), ("CREATE INDEX", []), ("DROP TABLE", []),
  ]

  @Test(arguments: statements) func `names are found where they stand`(
    sql: String, needs: [String]
  ) {
    #expect(shown(sql) == needs)
  }

  @Test func `what may do more than it says is known`() {
    for sql in [
      "DO $$ $$", "CALL f()", "SELECT f()", "GRANT SELECT ON a TO b", "DROP OWNED BY x",
      "ALTER TABLE a RENAME TO b", "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
      "SET LOCAL search_path TO x",
    ] {
      #expect(statement(sql).isUnforeseeable, "\(sql)")
    }
    for sql in ["TRUNCATE a", "INSERT INTO a VALUES (1)", "CREATE TABLE a (b int)", "DROP TABLE a"]
    {
      #expect(!statement(sql).isUnforeseeable, "\(sql)")
    }
  }
}
