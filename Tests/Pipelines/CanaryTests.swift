import Foundation
import Testing

/// A value that stands in every personal column of a shop is looked for in all that roost says, keeps and
/// tells of runs that fail in as many ways as there are.
@Suite struct CanaryTests {
  private static let word = "kanarienvogel"
  private static let number = "770077077"

  private static let shop = """
    CREATE SCHEMA shop;
    CREATE SCHEMA crm;
    CREATE TABLE shop.users (
      user_id int8 NOT NULL, joined timestamptz, email text, phone text, card int8, worth numeric(14,2),
      weight float8 NOT NULL);
    INSERT INTO shop.users
    SELECT i, '2026-01-01', '\(word)' || i % 3 || '@shop.example', '\(number)' || i,
      \(number) + i, \(number).25, \(number).5
    FROM generate_series(1, 20) i;
    CREATE TABLE shop.orders (order_id int8 NOT NULL, user_id int8, at timestamptz, email text);
    INSERT INTO shop.orders SELECT i, i, '2026-02-01', '\(word)' FROM generate_series(1, 9) i;
    CREATE FUNCTION shop.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'no company address: %', NEW.email
        USING ERRCODE = TG_ARGV[0], HINT = 'ask ' || NEW.email, DETAIL = NEW.email; END $$;
    CREATE TABLE crm.short (user_id int8 PRIMARY KEY, email varchar(5));
    CREATE TABLE crm.once (user_id int8 PRIMARY KEY, email text UNIQUE);
    CREATE TABLE crm.limited (user_id int8 PRIMARY KEY, email text CHECK (email !~ 'shop'));
    CREATE TABLE crm.raising (user_id int8 PRIMARY KEY, email text);
    CREATE TRIGGER r BEFORE INSERT ON crm.raising
      FOR EACH ROW EXECUTE FUNCTION shop.refuse('check_violation');
    CREATE TABLE crm.denying (user_id int8 PRIMARY KEY, email text);
    CREATE TRIGGER r BEFORE INSERT ON crm.denying
      FOR EACH ROW EXECUTE FUNCTION shop.refuse('insufficient_privilege');
    CREATE TABLE crm.mails (email text PRIMARY KEY);
    CREATE TABLE crm.known (
      user_id int8 PRIMARY KEY, email text CONSTRAINT is_known REFERENCES crm.mails);
    CREATE TABLE crm.parts (user_id int8, email text, PRIMARY KEY (user_id, email))
      PARTITION BY LIST (email);
    CREATE TABLE crm.typed (user_id int8 PRIMARY KEY, email int4);
    """

  private static let users = """
      users:
        extract:
          from: shop
          table: shop.users
          key: user_id
          time: joined
          personal: [email, phone, card, worth, weight]
    """

  /// An extract whose SELECT fails for a value.
  private static func selecting(_ expression: String, _ more: String = "") -> String {
    """
      users:
        extract:
          from: shop
          sql: "select user_id, joined, \(expression) as x from shop.users"
          key: user_id
          time: joined
          personal: [x]
          \(more)
      rows: { check: { input: users, expect: [ { rows: ">= 1" } ] } }
    """
  }

  private static func setting(_ expression: String) -> String {
    users + """

        steps: { clean: { input: users, steps: [ { set: { x: "\(expression)" } } ] } }
        rows: { check: { input: steps, expect: [ { rows: ">= 1" } ] } }
      """
  }

  private static func expecting(_ expectation: String) -> String {
    users + """

        orders: { extract: { from: shop, table: shop.orders, key: order_id, time: at, personal: [email] } }
        rows: { check: { input: users, expect: [ \(expectation) ] } }
      """
  }

  private static func upserting(_ table: String) -> String {
    users + """

        out:
          write:
            input: slim
            table: crm.\(table)
            key: user_id
            mode: upsert
            allow_personal: { email: a test }
        slim: { clean: { input: mails, steps: [] } }
        mails:
          extract: { from: shop, sql: "select user_id, joined, email from shop.users", key: user_id, time: joined, personal: [email] }
      """
  }

  private static func inserting(_ table: String) -> String {
    """
      rows: { sql: { run: "insert into crm.\(table) select user_id, email from shop.users;" } }
    """
  }

  private static var pipelines: [String] {
    [
      "email::int", "phone::date", "card::int2", "current_setting(email)", "email::regclass::text",
      "to_date(email, 'YYYY')", "email::uuid", "email::jsonb",
      "(email || '(')::name ~ ('(' || email)",
      "set_config('search_path', email, false)::int", "worth::numeric(4,2)", "nextval(email)",
      "xmlparse(document email)::text", "email::inet::text", "now() at time zone email",
      "convert_from(email::bytea || '\\\\xff'::bytea, 'UTF8')", "lo_get(card::oid)::text",
    ].map { selecting($0) }
      + ["email::int", "current_setting(email)", "email::regclass::text", "nextval(email)"].map {
        selecting($0, "split_by: user_id")
      }
      + [
        "email::int", "phone::date", "email::uuid", "card::smallint", "worth::numeric(4,2)",
        "1 / (card - card)", "email::boolean",
        "left(email, card::int) || repeat(email, 1000000000)",
        "ln(-weight)", "email::timestamptz", "phone::interval",
      ].map(setting)
      + [
        "{ accepted: { email: [a] } }", "{ between: { worth: [0, 1] } }", "{ unique: [email] }",
        "{ matches: { email: '^a' } }", "{ relationship: { email: orders.email } }",
        "{ sums_agree: { column: worth, with: orders.order_id } }",
        "{ fresh: { column: joined, within: 1d } }", "{ share_of_nulls: { email: '>= 50%' } }",
      ].map(expecting)
      + ["short", "once", "limited", "raising", "denying", "known", "parts", "typed"].flatMap {
        [upserting($0), inserting($0)]
      }
  }

  @Test func `no message, record or alert holds a personal value`() async throws {
    try await withProject(
      settings: "alerts: { command: [/bin/sh, -c, 'cat >> alerts.txt'] }"
    ) { project in
      try await project.sql(Self.shop)
      var failed = 0
      for stages in Self.pipelines {
        try project.write(stages: stages)
        let ran = try await project.program.run(
          "run", TestProject.pipeline, "--as-of", "2026-06-01")
        if ran.status != 0 { failed += 1 }
        expectSilence(ran.output + ran.errors, about: stages)
      }
      // Some of Postgres's functions take what others refuse.
      #expect(failed > Self.pipelines.count * 3 / 4, "\(failed) of \(Self.pipelines.count) failed")
      for command in [["runs"], ["show", "1"], ["logs", "1"], ["why", TestProject.pipeline]] {
        let shown = try await project.program.start(command).result()
        expectSilence(shown.output + shown.errors, about: command.joined(separator: " "))
      }
      let alerts = project.folder.appending(path: "alerts.txt")
      expectSilence(try String(contentsOf: alerts, encoding: .utf8), about: "alerts")
      for table in try await project.texts(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'roost'")
      {
        let rows = try await project.texts("SELECT to_jsonb(t)::text FROM \(table) t")
        expectSilence(rows.joined(separator: "\n"), about: table)
      }
    }
  }

  /// Tests of pipelines speak of rows that they give themselves; those of the shop they do not even read.
  @Test func `tests of a pipeline say nothing of the rows of a database`() async throws {
    try await withProject { project in
      try await project.sql(Self.shop)
      let given = """
        given:
          users: [ { user_id: 1, joined: 2026-01-01, email: a@b.example, phone: "1", card: 1, worth: 1, weight: 1 } ]
        """
      let tests = [
        ("passes", given, "{ steps: { rows: 1 } }"), ("differs", given, "{ steps: { rows: 2 } }"),
        ("rows", given, "{ steps: [ { user_id: 1, email: other } ] }"),
        ("missing", "given: {}", "{ steps: { rows: 20 } }"),
        ("wrong", given.replacing("card: 1", with: "card: x"), "{ steps: { rows: 1 } }"),
        ("null", given.replacing("weight: 1", with: "weight: null"), "{ steps: { rows: 1 } }"),
      ]
      var ends: Set<Int32> = []
      let stages =
        ["upper(email)", "email::int", "1 / (card - card)", "email::uuid"].map(Self.setting)
        + [Self.selecting("email::int"), Self.selecting("lower(phone)"), Self.upserting("mails")]
      for stage in stages {
        try project.write(stages: stage)
        for (name, given, expect) in tests {
          try project.write(
            "tests/\(name).yaml",
            "pipeline: ../\(TestProject.pipeline)\nas_of: 2026-06-01\ntest: \(name)\n\(given)\nexpect: \(expect)\n"
          )
        }
        let ran = try await project.program.run("test")
        ends.insert(ran.status)
        expectSilence(ran.output + ran.errors, about: stage)
      }
      #expect(!ends.contains(0), "\(ends)")
      // Alone, what passes passes: the rows of the shop would make it twenty.
      try project.write(stages: Self.setting("upper(email)"))
      for (name, _, _) in tests where name != "passes" {
        try FileManager.default.removeItem(
          at: project.folder.appending(path: "tests/\(name).yaml"))
      }
      let ran = try await project.program.run("test")
      #expect(ran.status == 0, "\(ran.output)\(ran.errors)")
    }
  }

  private func expectSilence(
    _ text: String, about what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for canary in [Self.word, Self.number] {
      let line = text.split(separator: "\n").first { $0.contains(canary) }
      #expect(line == nil, "\(what)", sourceLocation: sourceLocation)
    }
  }
}
