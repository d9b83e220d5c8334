import DemoShop
import Foundation
import PipelineTests
import Testing

/// `roost test`: rows go in, rows are expected.
@Suite struct PipelineTestTests {
  private static let pipeline = """
    pipeline: small
    timezone: Europe/Berlin
    parameters: { least: "0" }
    stages:
      orders:
        extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at, non_finite: keep }
      refunds:
        extract: { from: shop, table: shop.refunds, key: refund_id, time: refunded_at }
      clean_orders:
        clean:
          input: orders
          steps:
            - reject: { where: "amount < ${least}", reason: too small }
            - set: { city: "lower(trim(city))" }
          expect: [{ rows: ">= 1000" }]
      numbers:
        clean: { input: orders, steps: [{ set: { weight: "city::float8" } }] }
      publish_orders:
        write: { input: clean_orders, table: marketing.orders, key: order_id }

    """
  private static let schema = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders (
      order_id int8 NOT NULL, amount numeric(12,2), weight float8, city text,
      ordered_at timestamptz);
    """
  private static let head = "pipeline: ../small.yaml\nas_of: 2026-06-01\n"

  /// Runs tests of the small pipeline by their file names; all that there are without names.
  private func run(
    _ tests: [String: String], files: [String: String] = [:],
    then check: (Program.Result) throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.sql(Self.schema)
      try project.write("small.yaml", Self.pipeline)
      for (name, text) in tests { try project.write("tests/\(name).yaml", Self.head + text) }
      for (name, text) in files { try project.write("tests/\(name)", text) }
      try check(try await project.program.run("test"))
      // Nothing stays behind, and no state was made.
      #expect(
        try await project.count(
          "pg_namespace WHERE nspname LIKE 'roost%' OR nspname LIKE 'marketing%'") == 0)
    }
  }

  @Test func `the tests of the shipped pipelines pass`() async throws {
    try await withProject { project in
      try await DemoShop(users: 20, seed: 1).load(into: project.database.connection) { _ in }
      try project.copyShippedPipelines([:])
      // What help shows is a test that passes.
      try project.write("pipelines/tests/help.yaml", TestReference.example + "\n")
      let ran = try await project.program.run("test", "--project", "pipelines")
      #expect(ran.status == 0, "\(ran.output)\(ran.errors)")
      #expect(ran.output.hasSuffix("5 passed, 0 failed\n"))
      #expect(ran.errors == "")
      #expect(try await project.count("pg_namespace WHERE nspname LIKE 'roost%'") == 0)
    }
  }

  @Test func `values are equal as Postgres finds them equal`() async throws {
    try await run(
      [
        "equal": """
        test: Texts become values
        given:
          orders:
            - { order_id: 1, amount: 12.5, weight: 0.1, city: " Köln", ordered_at: "2026-05-01 00:00+08" }
            - { order_id: 2, amount: 0, weight: NaN, city: 'null', ordered_at: 2026-05-31 23:59:59 }
            - { order_id: 3, amount: 3, city: "", ordered_at: 2026-06-01 00:00 }
            - { order_id: 4, amount: -3, ordered_at: 2026-01-01 }
        expect:
          clean_orders:
            - { order_id: 2, amount: 0.000, weight: nan, city: 'null', ordered_at: 2026-05-31 21:59:59Z }
            - { order_id: 1, amount: 12.50, weight: 1e-1, city: köln, ordered_at: 2026-04-30 18:00 }
          orders: { rows: 3 }

        """,
        "parameter": """
        test: A parameter takes another value
        parameters: { least: "5" }
        given: { orders: { csv: orders.csv } }
        expect: { clean_orders: { csv: expected.csv, order: key } }

        """,
      ],
      files: [
        "orders.csv":
          "order_id,city,amount,ordered_at\r\n2,\"a, \"\"b\"\"\",5,2026-05-01\r\n1,,7.00,2026-05-01\n3,x,4.99,2026-05-01",
        "expected.csv": "amount,city\n7,\n5,\"a, \"\"b\"\"\"\n",
      ]
    ) { ran in
      #expect(
        ran.output
          == "passed  Texts become values\npassed  A parameter takes another value\n2 passed, 0 failed\n"
      )
      #expect(ran.status == 0 && ran.errors == "")
    }
  }

  /// As spreadsheets write it: in front of a name, of a name in quotes, and alone.
  @Test func `a byte order mark belongs to no column of a CSV`() async throws {
    let test = { (name: String) in
      """
      test: \(name)
      given: { orders: { csv: orders.csv } }
      expect: { clean_orders: { csv: \(name).csv, order: key } }

      """
    }
    try await run(
      ["plain": test("plain"), "quoted": test("quoted"), "empty": test("empty")],
      files: [
        "orders.csv": "\u{feff}order_id,city,amount,ordered_at\r\n1,\u{feff}x,7.00,2026-05-01\r\n",
        "plain.csv": "\u{feff}order_id,amount\n1,7\n", "quoted.csv": "\u{feff}\"order_id\"\n1\n",
        "empty.csv": "\u{feff}",
      ]
    ) { ran in
      #expect(
        ran.output.contains("passed  plain") && ran.output.contains("passed  quoted"), "\(ran)")
      // Of what is wrong with a file, the place is that behind the mark.
      #expect(!ran.output.contains("passed  empty"))
      #expect((ran.output + ran.errors).contains("empty.csv:1:1"), "\(ran)")
    }
  }

  @Test func `a difference is shown as a table`() async throws {
    let given = """
      given:
        orders:
          - { order_id: 1, amount: 10.00, city: Kiel, ordered_at: 2026-05-01 }
          - { order_id: 2, amount: 20.00, city: Bonn, ordered_at: 2026-05-01 }
          - { order_id: 3, amount: 30.00, ordered_at: 2026-05-01 }

      """
    try await run([
      "a_keyed": "test: By the key\n\(given)" + """
        expect:
          clean_orders:
            - { order_id: 1, amount: 10.001, city: kiel }
            - { order_id: 3, amount: 30, city: "" }
            - { order_id: 4, amount: 40, city: null }

        """,
      "b_changed": "test: Only what differs\n\(given)" + """
        expect:
          clean_orders:
            - { order_id: 1, amount: 10, city: kiel }
            - { order_id: 2, amount: 20, city: köln }
            - { order_id: 3, amount: 30, city: null }

        """,
      "c_bag": "test: As a bag\n\(given)" + """
        expect:
          clean_orders:
            - { city: kiel }
            - { city: kiel }
            - { city: bonn }

        """,
      "d_order": "test: In order\n\(given)" + """
        expect:
          clean_orders: { order: key, rows: [{ city: bonn }, { city: kiel }, { city: null }] }
          orders: { rows: 4 }

        """,
      "e_good": "test: Good\n\(given)expect: { clean_orders: { rows: 3 } }\n",
    ]) { ran in
      #expect(
        ran.output == """
          FAILED  By the key (tests/a_keyed.yaml)
            clean_orders: 2 of 3 expected rows differ, 1 is missing, 1 row was not expected
              expected → found; - missing, + not expected
                 order_id  amount          city
              ~  1         10.001 → 10.00  kiel
              ~  3         30.00           '' → null
              -  4         40              null
              +  2         20.00           bonn
          FAILED  Only what differs (tests/b_changed.yaml)
            clean_orders: 1 of 3 expected rows differs
              expected → found; - missing, + not expected
                 order_id  city
              ~  2         köln → bonn
          FAILED  As a bag (tests/c_bag.yaml)
            clean_orders: 1 of 3 expected rows is missing, 1 row was not expected
              expected → found; - missing, + not expected
                 city
              -  kiel
              +  null
          FAILED  In order (tests/d_order.yaml)
            clean_orders: 2 of 3 expected rows differ
              expected → found; - missing, + not expected
                 city
              ~  bonn → kiel
              ~  kiel → bonn
            orders: expected 4 rows, found 3
          passed  Good
          1 passed, 4 failed

          """)
      #expect(ran.status == 1 && ran.errors == "")
    }
  }

  @Test func `what is wrong with a test is said with its place`() async throws {
    try await run([
      "a": """
      test: Names
      given: { ordrs: [], clean_orders: [] }
      expect: { clean_orders: [] }

      """,
      "b": """
      test: Columns and values
      given:
        orders:
          - { order_id: 1, amout: 3, ordered_at: 2026-05-01 }
        refunds: []
      expect:
        clean_orders: { rows: 1 }

      """,
      "c": """
      test: Values
      given:
        orders:
          - { order_id: 1, amount: three, ordered_at: 2026-05-01 }
      expect:
        clean_orders: { rows: 1 }

      """,
      "i": """
      test: A value that is expected
      given: { orders: [] }
      expect: { clean_orders: [{ city: a, amount: two }] }

      """,
      "d": """
      test: Expected
      parameters: { leest: "1" }
      given: { orders: [] }
      expect: { clean_orders: [] }

      """,
      "e": """
      test: Expected columns
      given: { orders: { columns: { order_id: bigint, amount: money money }, rows: [] } }
      expect: { clean_orders: [] }

      """,
      "g": """
      test: Expected rows
      given: { orders: [] }
      expect:
        publish_orders: []
        clean_orders: [{ ctiy: kiel, city: x, amount: 1 }, { amount: 2 }]

      """,
      "h": """
      test: Not given
      given: {}
      expect: { numbers: [] }

      """,
      "f": "test: Good\ngiven: { orders: [] }\nexpect: { clean_orders: [] }\n",
    ]) { ran in
      #expect(ran.output == "passed  Good\n1 passed, 0 failed, 8 wrong\n")
      #expect(ran.status == 2)
      for message in [
        "tests/a.yaml:4:10: error[R0201]: there is no stage 'ordrs'",
        "did you mean 'orders'?",
        "tests/a.yaml:5:11: error[R0203]: stage 'clean_orders' is given and therefore not run",
        "tests/h.yaml:5:11: error[R0601]: stage 'orders' is not given, and what is expected here needs it",
        "tests/b.yaml:6:22: error[R0310]: stage 'orders' reads no column 'amout'",
        "did you mean 'amount'?",
        "tests/b.yaml:7:3: error[R0502]: the columns of stage 'refunds' are not known",
        "tests/c.yaml:6:30: error[R0602]: Postgres does not read 'three' as numeric(12,2)",
        "tests/i.yaml:5:45: error[R0602]: Postgres does not read 'two' as numeric",
        "help: write a value of column 'amount'",
        "tests/d.yaml:4:15: error[R0120]: the pipeline has no parameter 'leest'",
        "tests/e.yaml:4:57: error[R0312]: Postgres knows no type 'money money'",
        "tests/g.yaml:6:3: error[R0203]: stage 'publish_orders' is of kind write and hands on no rows",
        "tests/g.yaml:7:20: error[R0310]: stage 'clean_orders' has no column 'ctiy'",
        "tests/g.yaml:7:64: error[R0111]: a row leaves out 'ctiy', 'city', which others list",
      ] { #expect(ran.errors.contains(message), "\(message) is not in:\n\(ran.errors)") }
    }
  }

  @Test func `a mistake of the pipeline is one for each of its tests`() async throws {
    let test = "test: Any\ngiven: { orders: [] }\nexpect: { clean_orders: [] }\n"
    try await withProject { project in
      try await project.sql(Self.schema)
      try project.write("small.yaml", Self.pipeline.replacing("${least}", with: "amonut"))
      for name in ["a", "b"] { try project.write("tests/\(name).yaml", Self.head + test) }
      let ran = try await project.program.run("test")
      #expect(ran.output == "0 passed, 0 failed, 2 wrong\n" && ran.status == 2)
      #expect(ran.errors.components(separatedBy: "error[").count == 2)
      #expect(ran.errors.contains("did you mean 'amount'?"))
    }
  }

  @Test func `a stage that fails fails its test`() async throws {
    try await run([
      "fails": """
      test: A cast that cannot be made
      given: { orders: [{ order_id: 1, amount: 1, city: Kiel, ordered_at: 2026-05-01 }] }
      expect: { numbers: { rows: 1 } }

      """
    ]) { ran in
      #expect(
        ran.output.hasPrefix(
          "FAILED  A cast that cannot be made (tests/fails.yaml)\n  stage numbers failed: "))
      #expect(ran.output.hasSuffix("\n0 passed, 1 failed\n"))
      #expect(ran.status == 1 && ran.errors == "")
    }
  }

  @Test func `of many differences the first are shown and the rest is counted`() async throws {
    let rows = (1...23).map { "{ order_id: \($0), amount: 1, ordered_at: 2026-05-01 }" }
    let given = "given: { orders: [\(rows.joined(separator: ", "))] }\n"
    try await run(
      [
        "a": "test: Too many\n\(given)expect: { clean_orders: [{ order_id: 1, amount: 2 }] }\n",
        "b": "test: 20\n\(given)expect: { clean_orders: { csv: three.csv } }\n",
      ], files: ["three.csv": "order_id\n1\n2\n3\n"]
    ) { ran in
      let lines = ran.output.split(separator: "\n").map(String.init)
      #expect(lines[1] == "  clean_orders: 1 of 1 expected row differs, 22 rows were not expected")
      #expect(lines[4...5] == ["    ~  1         2 → 1.00", "    +  2         1.00"])
      #expect(lines[23...24] == ["    +  20        1.00", "    … and 3 rows more"])
      // Just as many as are shown: nothing is left to count.
      #expect(lines[26] == "  clean_orders: 20 rows were not expected")
      #expect(lines[48...] == ["    +  23", "0 passed, 2 failed"])
      #expect(ran.status == 1)
    }
  }

  @Test func `the next test drops what a killed one left, and no more`() async throws {
    try await withProject { project in
      try await project.sql(Self.schema)
      try project.write("small.yaml", Self.pipeline)
      try project.write(
        "tests/a.yaml",
        Self.head + "test: Any\ngiven: { orders: [] }\nexpect: { clean_orders: [] }\n")
      // Columns cannot be asked for while this lock is held.
      let schemas = "pg_namespace WHERE nspname LIKE 'roost\\_test\\_%'"
      let waiting =
        "EXISTS (SELECT FROM \(TestProject.locks) WHERE NOT granted AND locktype = 'relation')"
      let holder = try await project.database.connect()
      try await holder.execute(script: "BEGIN; LOCK TABLE shop.orders IN ACCESS EXCLUSIVE MODE")
      let killed = try project.program.start(["test"])
      try await project.wait(for: waiting)
      killed.kill()
      _ = try await killed.result()
      #expect(try await project.count(schemas) == 1)
      await holder.close()
      try await project.wait(
        for: """
          NOT EXISTS (SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend'
              AND pid <> pg_backend_pid())
          """)

      let second = try await project.database.connect()
      try await second.execute(script: "BEGIN; LOCK TABLE shop.orders IN ACCESS EXCLUSIVE MODE")
      let live = try project.program.start(["test"])
      try await project.wait(for: waiting)
      // One that is under way is not swept.
      let offline = try project.program.start(["test"])
      try await project.wait(for: "(SELECT count(*) FROM \(schemas)) = 2")
      await second.close()
      #expect(try await live.result().status == 0)
      #expect(try await offline.result().status == 0)
      #expect(try await project.count(schemas) == 0)
    }
  }
}
