import Runs
import Testing

/// Who comes, goes and changes from one publication to the next.
@Suite struct DiffTests {
  @Test func `counts are those that Postgres finds, for each column`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers(60)
      try project.writeNightly()
      try await project.run(asOf: "2024-06-01")
      try await project.sql("SELECT setseed(0.7)")
      for night in 2...6 {
        try await project.sql(
          """
          DELETE FROM shop.users WHERE random() < 0.1;
          UPDATE shop.users SET plan = CASE WHEN random() < 0.3 THEN NULL ELSE 'x' || (random() * 2)::int END
          WHERE random() < 0.3;
          UPDATE shop.users SET score = (random() * 3)::int WHERE random() < 0.3;
          INSERT INTO shop.users SELECT i, 'new', 5, '2020-01-01' FROM generate_series(1, 80) i
          WHERE random() < 0.1 ON CONFLICT DO NOTHING;
          """)
        let ran = try await project.run(asOf: "2024-06-0\(night)")
        let comparison = try await RunComparison(
          ran.run, keys: 1000, in: project.stateDatabase)
        let table = try #require(comparison.tables.first)
        let change = try #require(table.change)
        #expect(table.base?.run == ran.run - 1)
        let (new, old) = (
          "(SELECT * FROM marketing.users WHERE run_id = \(ran.run))",
          "(SELECT * FROM marketing.users WHERE run_id = \(ran.run - 1))"
        )
        let witness = """
          WITH n AS \(new), o AS \(old)
          SELECT (SELECT count(*) FROM n WHERE user_id NOT IN (SELECT user_id FROM o)) || ' '
            || (SELECT count(*) FROM o WHERE user_id NOT IN (SELECT user_id FROM n)) || ' '
            || (SELECT count(*) FROM n JOIN o USING (user_id)
              WHERE (n.plan, n.score) IS DISTINCT FROM (o.plan, o.score)) || ' '
            || (SELECT count(*) FROM n JOIN o USING (user_id) WHERE n.plan IS DISTINCT FROM o.plan) || ' '
            || (SELECT count(*) FROM n JOIN o USING (user_id) WHERE n.score IS DISTINCT FROM o.score)
          """
        func rows(_ name: String) -> Int { change.columns.first { $0.name == name }?.rows ?? 0 }
        #expect(
          try await project.text(witness)
            == "\(change.added) \(change.removed) \(change.changed) \(rows("plan")) \(rows("score"))"
        )
        #expect(
          try await project.texts(
            "SELECT user_id FROM \(new) n WHERE user_id NOT IN (SELECT user_id FROM \(old) o) ORDER BY user_id"
          )
            == table.keys?.added.map { $0[0] })
        #expect(table.keys?.changed.count == change.changed)
        #expect(table.keys?.removed.count == change.removed)
      }
    }
  }

  @Test func `keys that are personal data are not listed`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users (user_id int8, email text, since timestamptz);
        INSERT INTO shop.users VALUES (1, 'a@example.com', '2020-01-01');
        """)
      try project.write(
        stages: """
            users:
              extract: { from: shop, table: shop.users, key: user_id, time: since, personal: [email] }
            publish:
              write:
                { input: users, table: marketing.users, key: email, allow_personal: { email: consented } }
          """)
      try await project.run(asOf: "2024-06-01")
      try await project.sql("UPDATE shop.users SET email = 'b@example.com'")
      try await project.run(asOf: "2024-06-02")
      let program = project.program
      for format in ["text", "json"] {
        let diff = try await program.run("diff", "--keys", "--format", format)
        #expect(diff.status == 0)
        #expect(diff.output.contains("email is personal data"), "\(diff.output)")
        #expect(!diff.output.contains("example.com") && !diff.errors.contains("example.com"))
      }
    }
  }
}
