import Catalog
import Frames
import PipelineFiles
import PostgresClient
import TestSupport
import Testing

@testable import Runs
@testable import State

/// The table behind a published one, and the columns that it may lose.
@Suite struct TargetPreparationTests {
  private static let id = Field("user_id", .int8, isNullable: false)
  private static let level = Field("level", .text)
  private static let table = QualifiedName(schema: "marketing", name: "users")

  private static func layout(_ fields: [Field]) -> TargetLayout {
    TargetLayout(
      TargetTable(
        name: table, schema: Schema(fields), key: ["user_id"], about: "Users.", keep: nil),
      environment: .standard)
  }

  @discardableResult
  private func prepare(
    _ fields: [Field], _ database: TestDatabase
  ) async throws -> TargetLayout {
    try await TargetPreparation(
      layout: Self.layout(fields),
      owner: PublishedTable.Owner(pipeline: "users", environment: ""), patience: LockPatience()
    ).prepare(database.connection)
  }

  /// The table with one row, published with its views unless `isPublished` is false.
  private func withTable(
    isPublished: Bool = true, _ body: (TestDatabase, TargetLayout) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await StateSchema.migrate(connection)
      let layout = try await prepare([Self.id, Self.level], database)
      try await connection.execute(
        script: """
          CREATE TABLE \(layout.rows(run: 1, attempt: 1).sql) PARTITION OF \(layout.data.sql)
            FOR VALUES FROM ('2024-06-01Z', 1) TO ('2024-06-01Z', 2);
          INSERT INTO \(layout.rows(run: 1, attempt: 1).sql) VALUES ('2024-06-01Z', 1, 7, 'gold');
          """)
      if isPublished {
        try await connection.execute(
          """
          INSERT INTO roost.publications (target, as_of, run_id, rows, rows_in)
          VALUES ('marketing.users', '2024-06-01Z', 1, 1, 'roost_data.marketing_users_r1_1')
          """)
        try await connection.transaction { database in
          try TargetViews(layout: layout, readers: Readers(role: nil), patience: LockPatience())
            .refresh(database)
        }
      }
      try await body(database, layout)
    }
  }

  private func columns(_ database: TestDatabase) async throws -> [String] {
    try await database.connection.query(
      """
      SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = 'roost_data.marketing_users'::regclass AND attnum > 2 AND NOT attisdropped
      ORDER BY attnum
      """
    ).map { try $0.string(0) }
  }

  /// What somebody may do to the views, who was told by an older roost to drop them.
  @Test(arguments: [
    "", "DROP VIEW marketing.users", "DROP VIEW marketing.users, marketing.users_current",
    """
    DROP VIEW marketing.users;
    CREATE VIEW marketing.users AS SELECT user_id FROM roost_data.marketing_users
    """,
  ])
  func `values of publications that are kept are never dropped`(_ change: String) async throws {
    try await withTable { database, layout in
      try await database.connection.execute(script: change + ";SELECT 1")
      for fields in [[Self.id], [Self.id, Field("level", .int4)]] {
        let error = await #expect(throws: TableError.self) { try await prepare(fields, database) }
        #expect(error.map { "\($0)" }?.contains("drop") == false)
      }
      #expect(try await columns(database) == ["user_id bigint", "level text"])
      #expect(
        try await database.connection.query("SELECT level FROM \(layout.data.sql)")[0].string(0)
          == "gold")
    }
  }

  @Test func `what only unpublished runs knew may change`() async throws {
    try await withTable(isPublished: false) { database, _ in
      try await prepare([Self.id, Field("level", .int4)], database)
      #expect(try await columns(database) == ["user_id bigint", "level integer"])
    }
    try await withTable { database, _ in
      // A run that adds a column and fails, then one without it or with another type.
      try await prepare([Self.id, Self.level, Field("more", .text)], database)
      try await prepare([Self.id, Self.level, Field("more", .bool)], database)
      #expect(
        try await columns(database) == ["user_id bigint", "level text", "more boolean"])
      try await prepare([Self.id, Self.level], database)
      #expect(try await columns(database) == ["user_id bigint", "level text"])
    }
  }

  @Test func `the recorded name of the table counts`() async throws {
    try await withTable { database, _ in
      try await database.connection.execute(
        script: """
          ALTER TABLE roost_data.marketing_users RENAME TO "named.otherwise";
          UPDATE roost.targets SET data_table = 'roost_data.named.otherwise';
          """)
      let layout = try await prepare([Self.id, Self.level], database)
      #expect(layout.data == QualifiedName(schema: "roost_data", name: "named.otherwise"))
      #expect(layout.rows(run: 7, attempt: 1).name == "named.otherwise_r7_1")
    }
  }

  @Test func `a check sees what a run would refuse`() async throws {
    try await withTable { database, _ in
      let found = try await database.connection.publishedTable(Self.table)
      let published = try #require(found)
      #expect(published.losses(with: [Self.level, Self.id, Field("more", .bool)]) == [])
      #expect(
        published.losses(with: [Field("user_id", .int4)])
          == ["column 'user_id' was bigint and would be integer", "column 'level' would be gone"])
    }
  }
}
