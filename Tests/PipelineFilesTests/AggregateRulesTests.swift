import Diagnostics
import Testing

@testable import PipelineFiles

@Suite struct AggregateRulesTests {
  private func aggregates(_ sql: String) -> Bool {
    ScriptStatement(Snippet(file: SourceFile(name: "q.sql", text: sql))).aggregates
  }

  @Test(arguments: [
    "SELECT a, max(b) FROM t GROUP BY 1", "SELECT a FROM t group\n by a", "SELECT Count (*) FROM t",
    "SELECT (SELECT sum(x) FROM u) FROM t",
    "WITH w AS (SELECT a, avg(b) c FROM t GROUP BY a) SELECT * FROM w",
    "SELECT rank() OVER (ORDER BY a) FROM t",
    "SELECT lag(a) OVER w FROM t WINDOW w AS (ORDER BY b)",
    "SELECT pg_catalog.max(a) FROM t",
  ])
  func whatLooksAtManyRowsIsFound(sql: String) { #expect(aggregates(sql)) }

  @Test(arguments: [
    "SELECT * FROM t", "SELECT a AS max, count FROM t", "SELECT 'max(a) group by' FROM t",
    "SELECT a /* sum(b) */ FROM t -- group by a", "SELECT \"sum\" FROM t", "SELECT over, a FROM t",
    "SELECT greatest(a, b), abs(c) FROM t", "SELECT \"group\", by FROM t",
  ])
  func whatLooksAtOneRowIsNot(sql: String) { #expect(!aggregates(sql)) }
}
