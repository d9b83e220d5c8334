import PostgresClient
import State
import Testing

/// Tables that stand and have something of their own to say about the rows that they get.
@Suite struct MergeObstacleTests {
  private func withTable(
    _ columns: String = "user_id bigint PRIMARY KEY, plan text, score integer, since timestamptz",
    mode: String, _ more: String = "", _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try await project.sql(
        """
        CREATE TYPE crm.plan AS ENUM ('free', 'gold', 'none');
        CREATE DOMAIN crm.score AS int CHECK (VALUE < 4);
        CREATE TABLE crm.users (\(columns)); \(more)
        """)
      try project.writeNightly("mode: \(mode)", table: "crm.users")
      try await body(project)
    }
  }

  private static func trigger(
    _ body: String, _ event: String = "BEFORE INSERT OR UPDATE", on table: String = "crm.users"
  ) -> String {
    """
    CREATE FUNCTION crm.change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) END $$;
    CREATE TRIGGER change \(event) ON \(table) FOR EACH ROW EXECUTE FUNCTION crm.change();
    """
  }

  private static let swallowing = "IF NEW.user_id > 6 THEN RETURN NULL; END IF; RETURN NEW;"

  @Test(arguments: ["upsert", "replace", "append"])
  func `rows that a trigger keeps out fail the run, and none are written`(mode: String) async throws
  {
    try await withTable(mode: mode, Self.trigger(Self.swallowing)) { project in
      let failed = try await project.run(asOf: "2024-06-01", expecting: .failed)
      #expect(
        failed.outcome.error?.hasPrefix(
          "stage publish failed: crm.users: of 10 rows that were sent 4 cannot be found there: "
            + "a trigger has kept them from it, so nothing is published") == true,
        "\(failed.outcome.error ?? "")")
      #expect(try await project.count("crm.users") == 0)
      #expect(
        try await project.texts("SELECT state FROM roost.stages WHERE stage = 'publish'")
          == ["failed"])
      // A trigger that is switched off is none.
      try await project.sql("ALTER TABLE crm.users DISABLE TRIGGER change")
      try await project.run(asOf: "2024-06-01")
      #expect(try await project.count("crm.users") == 10)
    }
  }

  @Test func `what a table refuses only at the end names the stage and the table`() async throws {
    try await withTable(
      "user_id bigint PRIMARY KEY, plan text, score integer, since timestamptz", mode: "upsert",
      """
      CREATE TABLE crm.plans (plan text PRIMARY KEY);
      ALTER TABLE crm.users ADD CONSTRAINT known FOREIGN KEY (plan) REFERENCES crm.plans
        DEFERRABLE INITIALLY DEFERRED;
      """
    ) { project in
      let failed = try await project.run(asOf: "2024-06-01", expecting: .failed)
      #expect(
        failed.outcome.error?.hasPrefix(
          "stage publish failed: crm.users: insert or update on table \"users\" violates foreign key "
            + "constraint \"known\"") == true, "\(failed.outcome.error ?? "")")
      #expect(try await project.count("crm.users") == 0)
    }
  }

  @Test(arguments: [
    ("AFTER INSERT ON crm.users", "CREATE TRIGGER"),
    (
      "AFTER INSERT OR UPDATE ON crm.users DEFERRABLE INITIALLY DEFERRED",
      "CREATE CONSTRAINT TRIGGER"
    ),
  ])
  func `rows that a trigger removes again fail the run`(event: String, verb: String) async throws {
    for mode in ["append", "upsert", "replace"] {
      try await withTable(
        mode: mode,
        """
        CREATE FUNCTION crm.remove() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
          DELETE FROM crm.users WHERE user_id = NEW.user_id AND NEW.user_id > 6; RETURN NULL; END $$;
        \(verb) remove \(event) FOR EACH ROW EXECUTE FUNCTION crm.remove();
        """
      ) { project in
        let failed = try await project.run(asOf: "2024-06-01", expecting: .failed)
        #expect(
          failed.outcome.error?.contains(
            "of 10 rows that were sent 4 cannot be found there: a trigger has kept them") == true,
          "\(mode): \(failed.outcome.error ?? "")")
        #expect(try await project.count("crm.users") == 0)
      }
    }
  }

  @Test func `a replacement of rows that a policy hides is refused`() async throws {
    for (mode, isRefused) in [("replace", true), ("upsert", false)] {
      try await withTable(
        mode: mode,
        """
        ALTER TABLE crm.users ENABLE ROW LEVEL SECURITY;
        CREATE POLICY near ON crm.users USING (user_id < 100);
        INSERT INTO crm.users VALUES (200, 'gold', 1, '2020-01-01');
        """
      ) { project in
        let checked = try await project.check()
        let error = "error[R0504]: policies hide rows of crm.users from the role"
        #expect(checked.text.contains(error) == isRefused, "\(checked.text)")
        #expect(checked.errors.isEmpty != isRefused)
      }
    }
  }

  /// Postgres resolves no conflict by a constraint that it looks at only later.
  @Test func `a key that is deferrable is known before`() async throws {
    let columns =
      "user_id bigint PRIMARY KEY DEFERRABLE, plan text, score integer, since timestamptz"
    for (mode, isRefused) in [("upsert", true), ("append", false)] {
      try await withTable(columns, mode: mode) { project in
        let checked = try await project.check()
        let message = "a constraint that keeps user_id unique in crm.users is DEFERRABLE"
        #expect(checked.text.contains(message) == isRefused, "\(checked.text)")
        if isRefused {
          // Another index does not help; the remedy does.
          try await project.sql("CREATE UNIQUE INDEX ON crm.users (user_id)")
          #expect(try await project.check().text.contains(message))
          try await project.sql(
            "ALTER TABLE crm.users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (user_id)")
          for day in 1...2 { try await project.run(asOf: "2024-06-0\(day)") }
          #expect(try await project.count("crm.users") == 10)
        } else {
          try await project.run(asOf: "2024-06-01")
          #expect(try await project.count("crm.users") == 10)
        }
      }
    }
  }

  /// Two people who swap what nobody else may have.
  @Test(arguments: ["", "DEFERRABLE INITIALLY DEFERRED"])
  func `a second unique column is kept, or nothing is written`(deferral: String) async throws {
    let columns = """
      user_id bigint PRIMARY KEY, plan text CONSTRAINT one_each UNIQUE \(deferral), score integer,
      since timestamptz
      """
    for mode in ["upsert", "replace"] {
      try await withTable(columns, mode: mode) { project in
        try await project.sql("UPDATE shop.users SET plan = 'p' || user_id")
        try await project.run(asOf: "2024-06-01")
        let before = try await project.rows("TABLE crm.users")
        try await project.sql("UPDATE shop.users SET plan = 'p1' WHERE user_id = 2")
        let failed = try await project.run(asOf: "2024-06-02", expecting: .failed)
        let error = failed.outcome.error ?? ""
        #expect(error.contains("stage publish") && error.contains("one_each"), "\(error)")
        #expect(!error.contains("p1"), "\(error)")
        #expect(try await project.rows("TABLE crm.users") == before)
        try await project.sql("UPDATE shop.users SET plan = 'p2' WHERE user_id = 1")
        let swapped = try await project.run(
          asOf: "2024-06-02", expecting: deferral.isEmpty ? .failed : .succeeded)
        #expect(
          try await project.difference(
            "SELECT user_id, plan FROM crm.users",
            deferral.isEmpty
              ? "SELECT i, 'p' || i FROM generate_series(1::int8, 10) i"
              : "SELECT user_id, plan FROM shop.users") == [],
          "\(swapped.outcome.error ?? "")")
      }
    }
  }

  @Test func `row security that lets no row in is known before`() async throws {
    for (mode, ways) in [("upsert", ["INSERT", "UPDATE"]), ("append", ["INSERT"])] {
      try await withTable(
        mode: mode,
        """
        ALTER TABLE crm.users ENABLE ROW LEVEL SECURITY;
        CREATE POLICY seen ON crm.users FOR SELECT USING (true);
        """
      ) { project in
        for way in ways {
          let checked = try await project.check()
          #expect(
            checked.text.contains("rows cannot be written into crm.users: its row security"),
            "\(checked.text)")
          #expect(checked.text.contains("\(way) no row"), "\(checked.text)")
          try await project.sql(
            "CREATE POLICY p_\(way) ON crm.users FOR \(way) "
              + (way == "INSERT" ? "WITH CHECK (true)" : "USING (true)"))
        }
        let checked = try await project.check()
        #expect(checked.errors.isEmpty, "\(checked.text)")
        try await project.run(asOf: "2024-06-01")
      }
    }
  }

  @Test func `rows that a rule swallows fail the run`() async throws {
    try await withTable(
      mode: "append", "CREATE RULE swallow AS ON INSERT TO crm.users DO INSTEAD NOTHING"
    ) { project in
      let failed = try await project.run(asOf: "2024-06-01", expecting: .failed)
      #expect(
        failed.outcome.error?.contains("of 10 rows that were sent 10 cannot be found there: a rule")
          == true, "\(failed.outcome.error ?? "")")
    }
  }

  @Test func `rows that a trigger keeps in fail a replacement`() async throws {
    try await withTable(
      mode: "replace",
      "INSERT INTO crm.users (user_id) VALUES (77), (78), (3); "
        + Self.trigger("RETURN NULL;", "BEFORE DELETE")
    ) { project in
      let failed = try await project.run(asOf: "2024-06-01", expecting: .failed)
      #expect(
        failed.outcome.error?.contains("crm.users: 2 rows should be gone and are still there")
          == true, "\(failed.outcome.error ?? "")")
      #expect(try await project.count("crm.users") == 3)
    }
  }

  @Test func `values that a trigger changes are said`() async throws {
    try await withTable(
      mode: "upsert", Self.trigger("NEW.plan := upper(NEW.plan); RETURN NEW;")
    ) { project in
      try await project.run(asOf: "2024-06-01")
      #expect(try await project.texts("SELECT DISTINCT plan FROM crm.users") == ["FREE"])
      #expect(
        try await project.texts("SELECT warnings[1] FROM roost.stages WHERE stage = 'publish'")
          == [
            "crm.users has other values than were sent in plan of 10 rows: a trigger changes them, or "
              + "keeps them from changing, and every run writes them again"
          ])
    }
  }

  @Test func `rows that a trigger leads into other tables are there`() async throws {
    try await withTable(
      "user_id bigint, plan text, score integer, since timestamptz", mode: "append",
      "CREATE TABLE crm.users_even () INHERITS (crm.users); "
        + Self.trigger(
          "IF NEW.user_id % 2 = 0 THEN INSERT INTO crm.users_even VALUES (NEW.*); RETURN NULL; END IF; RETURN NEW;",
          "BEFORE INSERT")
    ) { project in
      try await project.run(asOf: "2024-06-01")
      #expect(try await project.count("crm.users") == 10)
      #expect(try await project.count("ONLY crm.users") == 5)
    }
  }

  @Test func `a trigger of a partition counts too`() async throws {
    try await withTable(
      "user_id bigint PRIMARY KEY, plan text, score integer, since timestamptz) PARTITION BY HASH (user_id",
      mode: "upsert",
      """
      CREATE TABLE crm.users_0 PARTITION OF crm.users FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE crm.users_1 PARTITION OF crm.users FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      """
    ) { project in
      try await project.run(asOf: "2024-06-01")
      #expect(try await project.count("crm.users") == 10)
      try await project.sql(Self.trigger("RETURN NULL;", on: "crm.users_1"))
      try await project.sql(
        "UPDATE shop.users SET plan = 'gold'; INSERT INTO shop.users SELECT i, 'x', 1, '2020-01-01' FROM generate_series(11, 40) i"
      )
      let failed = try await project.run(asOf: "2024-06-02", expecting: .failed)
      #expect(failed.outcome.error?.contains("cannot be found there: a trigger") == true)
      #expect(try await project.texts("SELECT DISTINCT plan FROM crm.users") == ["free"])
    }
  }

  @Test func `what a table refuses names the stage and the table`() async throws {
    try await withTable(
      mode: "upsert", "ALTER TABLE crm.users ADD CONSTRAINT few CHECK (user_id < 8)"
    ) { project in
      let failed = try await project.run(asOf: "2024-06-01", expecting: .failed)
      let error = failed.outcome.error ?? ""
      #expect(error.hasPrefix("stage publish failed: crm.users: new row for relation"), "\(error)")
      #expect(error.contains("\"few\"") && error.contains("23514"), "\(error)")
    }
    // What is too large for an index quotes nothing, and is shown.
    try await withTable(
      mode: "upsert", "CREATE INDEX ON crm.users (plan)"
    ) { project in
      try await project.sql(
        "UPDATE shop.users SET plan = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 900) i)"
      )
      let failed = try await project.run(asOf: "2024-06-01", expecting: .failed)
      let error = failed.outcome.error ?? ""
      #expect(error.hasPrefix("stage publish failed: crm.users: index row "), "\(error)")
      #expect(error.contains("54000"), "\(error)")
    }
  }

  /// Counts in a sequence, which no rollback takes back.
  private static func conflict(_ state: String, times: Int) -> String {
    "CREATE SEQUENCE crm.tries; "
      + trigger(
        "IF NEW.user_id = 1 AND nextval('crm.tries') <= \(times) THEN RAISE EXCEPTION 'x' USING ERRCODE = '\(state)'; END IF; RETURN NEW;"
      )
  }

  @Test(arguments: ["40001", "40P01"])
  func `a conflict with another transaction is tried again`(state: String) async throws {
    try await withTable(mode: "upsert", Self.conflict(state, times: 3)) { project in
      try await project.run(asOf: "2024-06-01")
      #expect(try await project.count("crm.users") == 10)
      #expect(try await project.text("SELECT last_value::text FROM crm.tries") == "4")
    }
    try await withTable(mode: "upsert", Self.conflict(state, times: 1_000_000)) { project in
      let patience = LockPatience(
        attempt: .milliseconds(20), rows: .milliseconds(50), firstPause: .milliseconds(20),
        total: .milliseconds(300))
      let failed = try await project.run(
        asOf: "2024-06-01", patience: patience, expecting: .failed)
      #expect(failed.outcome.error?.contains(state == "40001" ? "40001" : "crm.users") == true)
      #expect(try await project.count("crm.users") == 0)
    }
  }

  @Test func `enums and domains take what they know`() async throws {
    try await withTable(
      "user_id bigint PRIMARY KEY, plan crm.plan, score crm.score, since timestamptz",
      mode: "upsert"
    ) { project in
      try await project.run(asOf: "2024-06-01")
      try await project.sql("UPDATE shop.users SET plan = 'gold' WHERE user_id <= 2")
      let second = try await project.run(asOf: "2024-06-02")
      #expect(
        try await project.texts(
          "SELECT plan::text FROM crm.users WHERE user_id < 4 ORDER BY user_id")
          == ["gold", "gold", "free"])
      #expect(
        try await project.texts(
          "SELECT notes[array_length(notes, 1)] FROM roost.stages WHERE run_id = \(second.run) AND stage = 'publish'"
        )
          == ["crm.users: 2 rows added or changed"])
      let checked = try await project.check()
      #expect(checked.errors.isEmpty)
      #expect(
        checked.text.contains("a value that is none of free, gold, none stops the publication"))
      #expect(checked.text.contains("a value that is not allowed by the domain crm.score stops"))

      try await project.sql("UPDATE shop.users SET plan = 'secret' WHERE user_id > 7")
      let refused = try await project.run(asOf: "2024-06-03", expecting: .blocked)
      #expect(
        refused.outcome.error?.contains(
          "3 of 10 rows for crm.users have a value of plan that crm.plan has no label for; it has free, gold, none"
        ) == true, "\(refused.outcome.error ?? "")")
      #expect(refused.outcome.error?.contains("secret") == false)
      try await project.sql("UPDATE shop.users SET plan = NULL, score = 9")
      let outside = try await project.run(asOf: "2024-06-04", expecting: .failed)
      #expect(
        outside.outcome.error?.contains("crm.users: value for domain crm.score violates") == true,
        "\(outside.outcome.error ?? "")")
      // A replacement compares them with what is there.
      try await project.sql("UPDATE shop.users SET score = 2")
      try project.writeNightly("mode: replace, max_change: 100%", table: "crm.users")
      try await project.run(asOf: "2024-06-05")
      #expect(try await project.texts("SELECT DISTINCT plan::text FROM crm.users") == ["none"])
    }
  }
}
