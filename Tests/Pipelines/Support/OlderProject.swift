import Frames
import PipelineFiles
import PostgresClient

@testable import Runs
@testable import State

/// A project as the version before left it: a state of version 7, and tables that are divided by run.
extension TestProject {
  /// Makes what one night of `writeNightly` had published, as of 2024-05-31.
  func makeOlderState() async throws {
    let connection = try await PostgresConnection.connect(to: stateDatabase)
    try await connection.execute(
      script: """
        CREATE SCHEMA roost; CREATE SCHEMA roost_data; CREATE SCHEMA marketing;
        CREATE TABLE roost.schema_version (
          version int PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT clock_timestamp())
        """)
    for version in 1...7 {
      try await connection.execute(script: StateSchema.migrations[version - 1])
      try await connection.execute("INSERT INTO roost.schema_version VALUES (\(version))")
    }
    let fields = [
      Field("user_id", .int8, isNullable: false), Field("plan", .text), Field("score", .int4),
      Field("since", .timestamptz),
    ]
    let table = TargetTable(
      name: QualifiedName(schema: "marketing", name: "users"), schema: Schema(fields),
      key: ["user_id"], about: "Users.", keep: nil)
    try await connection.execute(
      script: """
        CREATE TABLE roost_data.marketing_users (as_of timestamptz NOT NULL, run_id int8 NOT NULL,
          user_id int8 NOT NULL, plan text, score int4, since timestamptz) PARTITION BY LIST (run_id);
        CREATE TABLE roost_data.marketing_users_r1_1
          PARTITION OF roost_data.marketing_users FOR VALUES IN (1);
        INSERT INTO roost_data.marketing_users_r1_1
        SELECT '2024-05-31Z', 1, user_id, plan, score, since FROM shop.users;
        CREATE UNIQUE INDEX ON roost_data.marketing_users_r1_1 (user_id);
        ANALYZE roost_data.marketing_users_r1_1;
        INSERT INTO roost.runs (pipeline, as_of, state, publishes, finished_at)
        VALUES ('test', '2024-05-31Z', 'succeeded', true, now());
        INSERT INTO roost.stages (run_id, position, stage, kind, state, rows)
        VALUES (1, 0, 'users', 'extract', 'succeeded', 10);
        INSERT INTO roost.targets (target, data_table, pipeline, environment, key)
        VALUES ('marketing.users', 'roost_data.marketing_users', 'test', '', '{user_id}');
        INSERT INTO roost.row_tables VALUES ('roost_data.marketing_users_r1_1', 'marketing.users', 1, 1);
        INSERT INTO roost.publications (target, as_of, run_id, rows, rows_in)
        VALUES ('marketing.users', '2024-05-31Z', 1, 10, 'roost_data.marketing_users_r1_1');
        INSERT INTO roost.current_publications VALUES ('marketing.users', 1);
        INSERT INTO roost.loads (run_id, target, stage, loaded_in, rows, definition)
        VALUES (1, 'marketing.users', 'publish', 'roost_data.marketing_users_r1_1', 10,
          '\(TargetDefinition(table, as: table.name).json.text)')
        """)
    // Its views, as it made them.
    let columns = { (table: String) in
      (["as_of", "run_id"] + fields.map(\.name)).map { "\(table).\($0)" }.joined(separator: ", ")
    }
    try await connection.execute(
      script: """
        CREATE VIEW marketing.users AS SELECT \(columns("u")) FROM (
          SELECT \(columns("d")), d.run_id AS planned FROM roost_data.marketing_users d
          UNION ALL
          SELECT \(columns("f")), (roost_data.planned_runs('marketing.users'))[1]
          FROM roost_data.rows_of_history(NULL::roost_data.marketing_users, 'marketing.users',
            roost_data.planned_runs('marketing.users'),
            EXISTS (SELECT FROM roost_data.marketing_users x
              WHERE x.run_id = (roost_data.planned_runs('marketing.users'))[1])) f
          WHERE f.run_id IS NOT NULL) u
        JOIN roost.publications p ON p.run_id = u.run_id AND p.target = 'marketing.users'
          AND p.superseded_at IS NULL
        WHERE u.planned = ANY (roost_data.planned_runs('marketing.users'));
        CREATE VIEW marketing.users_current AS SELECT \(columns("u")) FROM (
          SELECT \(columns("d")), d.run_id AS planned FROM roost_data.marketing_users d
          UNION ALL
          SELECT \(columns("f")), roost_data.planned_run('marketing.users')
          FROM roost_data.rows_of_current(NULL::roost_data.marketing_users, 'marketing.users',
            roost_data.planned_run('marketing.users'),
            EXISTS (SELECT FROM roost_data.marketing_users x
              WHERE x.run_id = roost_data.planned_run('marketing.users'))) f
          WHERE f.run_id IS NOT NULL) u
        WHERE u.planned = roost_data.planned_run('marketing.users') AND u.run_id = (
          SELECT p.run_id FROM roost.current_publications c
          JOIN roost.publications p USING (publication_id) WHERE c.target = 'marketing.users')
        """)
    await connection.close()
  }
}
