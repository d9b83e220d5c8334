import Frames
import PipelineFiles
import PostgresClient
import TestSupport
import Testing

@testable import Runs
@testable import State

/// What a project published before rows were found by the names of their tables.
@Suite struct OlderLayoutTests {
  /// Two nights of a table, one of another environment, and what a killed run has left.
  private static let published = """
    INSERT INTO roost.runs (pipeline, environment, as_of, state, publishes, attempt) VALUES
      ('users', '', '2026-06-01', 'succeeded', true, 1), ('users', '', '2026-06-02', 'succeeded', true, 3),
      ('users', '', '2026-06-03', 'lost', true, 1), ('users', 'dev', '2026-06-02', 'succeeded', true, 1);
    INSERT INTO roost.targets (target, data_table, pipeline, key) VALUES
      ('marketing.users', 'roost_data.marketing_users', 'users', '{user_id}'),
      ('marketing__dev.users', 'roost_data.marketing__dev_users_0123456789ab', 'users', '{user_id}');
    CREATE TABLE roost_data.marketing_users (
      as_of timestamptz NOT NULL, run_id int8 NOT NULL, user_id int8 NOT NULL, level text)
      PARTITION BY LIST (run_id);
    CREATE TABLE roost_data.marketing__dev_users_0123456789ab (LIKE roost_data.marketing_users)
      PARTITION BY LIST (run_id);
    CREATE TABLE roost_data.marketing_users_r1 PARTITION OF roost_data.marketing_users FOR VALUES IN (1);
    CREATE TABLE roost_data.marketing_users_r2 PARTITION OF roost_data.marketing_users FOR VALUES IN (2);
    CREATE TABLE roost_data.marketing_users_r3 PARTITION OF roost_data.marketing_users FOR VALUES IN (3);
    CREATE TABLE roost_data.marketing__dev_users_0123456789ab_r4
      PARTITION OF roost_data.marketing__dev_users_0123456789ab FOR VALUES IN (4);
    INSERT INTO roost_data.marketing_users
    SELECT timestamptz '2026-05-31Z' + r * interval '1 day', r, u, 'gold'
    FROM generate_series(1, 3) r, generate_series(1, 5) u;
    INSERT INTO roost.publications (target, as_of, run_id, rows) VALUES
      ('marketing.users', '2026-06-01Z', 1, 5), ('marketing.users', '2026-06-02Z', 2, 5),
      ('marketing__dev.users', '2026-06-02Z', 4, 0);
    INSERT INTO roost.current_publications VALUES ('marketing.users', 2), ('marketing__dev.users', 3);
    CREATE SCHEMA marketing;
    CREATE VIEW marketing.users AS SELECT d.as_of, d.run_id, d.user_id, d.level
    FROM roost_data.marketing_users d
    JOIN roost.publications p ON p.run_id = d.run_id AND p.target = 'marketing.users'
      AND p.superseded_at IS NULL;
    CREATE VIEW marketing.users_current AS SELECT d.as_of, d.run_id, d.user_id, d.level
    FROM roost_data.marketing_users d
    WHERE d.run_id = (SELECT p.run_id FROM roost.current_publications c
      JOIN roost.publications p USING (publication_id) WHERE c.target = 'marketing.users');
    CREATE VIEW marketing.mine AS SELECT * FROM marketing.users_current;
    GRANT SELECT ON marketing.users_current TO pg_monitor
    """

  private static let layout = TargetLayout(
    TargetTable(
      name: QualifiedName(schema: "marketing", name: "users"),
      schema: Schema([Field("user_id", .int8, isNullable: false), Field("level", .text)]),
      key: ["user_id"], about: "Users.", keep: nil), environment: .standard)

  private func texts(_ sql: String, _ connection: PostgresConnection) async throws -> [String] {
    try await connection.query(sql).map { try $0.optionalString(0) ?? "null" }
  }

  @Test func `it is migrated, reads as before, and is cleared up`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(
        script: """
          CREATE SCHEMA roost; CREATE SCHEMA roost_data;
          CREATE TABLE roost.schema_version (
            version int PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT clock_timestamp())
          """)
      let older = StateSchema.migrations.firstIndex(of: StateSchema.rowTables) ?? 0
      for number in 0..<older {
        try await connection.execute(script: StateSchema.migrations[number])
        try await connection.execute("INSERT INTO roost.schema_version VALUES (\(number + 1))")
      }
      try await connection.execute(script: Self.published)

      try await StateSchema.migrate(connection)
      #expect(
        try await texts(
          "SELECT name || ' ' || run_id || ' ' || attempt FROM roost.row_tables ORDER BY name",
          connection) == [
            "roost_data.marketing__dev_users_0123456789ab_r4 4 1",
            "roost_data.marketing_users_r1 1 1", "roost_data.marketing_users_r2 2 3",
            "roost_data.marketing_users_r3 3 1",
          ])
      #expect(
        try await texts(
          "SELECT target || ' ' || quote_literal(environment) FROM roost.targets ORDER BY 1",
          connection) == ["marketing.users ''", "marketing__dev.users 'dev'"])
      try await expectRows(connection)

      try await Housekeeping(connection: connection).sweep()
      for table in ["marketing_users", "marketing_users_r1"] {
        let error = await #expect(throws: PostgresError.self) {
          try await connection.execute("TRUNCATE roost_data.\(table)")
        }
        #expect(error?.sqlState == "55000")
      }
      #expect(
        try await texts("SELECT to_regclass('roost_data.marketing_users_r3')", connection)
          == ["null"])
      let owner = PublishedTable.Owner(pipeline: "users", environment: "")
      let prepared = try await TargetPreparation(
        layout: Self.layout, owner: owner, patience: LockPatience()
      ).prepare(connection)
      try await connection.transaction { database in
        try TargetViews(layout: prepared, readers: Readers(role: nil), patience: LockPatience())
          .refresh(database)
      }
      #expect(
        try await texts(
          "SELECT pg_get_viewdef('marketing.users_current') LIKE '%rows_of_current%'", connection)
          == ["t"])
      try await expectRows(connection)
      #expect(
        try await texts(
          "SELECT has_table_privilege('pg_monitor', 'marketing.users_current', 'SELECT')",
          connection) == ["t"])
    }
  }

  private func expectRows(_ connection: PostgresConnection) async throws {
    let counted = "SELECT run_id || ' ' || count(*) FROM marketing."
    let groups = " GROUP BY run_id ORDER BY run_id"
    #expect(try await texts(counted + "users" + groups, connection) == ["1 5", "2 5"])
    #expect(try await texts(counted + "users_current" + groups, connection) == ["2 5"])
    #expect(try await texts(counted + "mine" + groups, connection) == ["2 5"])
  }
}
