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
    let layout = TargetLayout(table, environment: .standard)
      .withRows(in: .inData("roost_data.marketing_users"))
    try await connection.transaction { database in
      try TargetViews(layout: layout, readers: Readers(role: nil), patience: LockPatience())
        .refresh(database)
    }
    await connection.close()
  }
}
