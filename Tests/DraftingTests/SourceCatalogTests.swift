import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Drafting

/// What is read from a real database before a draft is made.
@Suite struct SourceCatalogTests {
  private func catalog(
    _ database: TestDatabase, _ schemas: [String] = []
  ) async throws -> SourceCatalog {
    try await read(CatalogQueries(schemas: schemas), database.connection)
  }

  private func read(
    _ queries: CatalogQueries, _ connection: isolated PostgresConnection
  ) throws -> SourceCatalog {
    try queries.read(from: connection)
  }

  @Test func `tables, keys, types and statistics`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          CREATE DOMAIN cents AS int; CREATE DOMAIN small_cents AS cents;
          CREATE TYPE level AS ENUM ('low', 'high');
          CREATE TABLE users (id int PRIMARY KEY, code text UNIQUE, nick text NOT NULL UNIQUE,
            fifth int);
          CREATE TABLE orders (
            a int, b int, owner int REFERENCES users, paid small_cents, level level, tags int[],
            at timestamptz NOT NULL, PRIMARY KEY (b, a)) PARTITION BY RANGE (a);
          CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (0) TO (10);
          CREATE UNIQUE INDEX ON users (lower(nick)); CREATE UNIQUE INDEX ON users (id) WHERE id > 1;
          CREATE VIEW shown AS SELECT * FROM users;
          CREATE SCHEMA roost; CREATE TABLE roost.runs (id int);
          INSERT INTO users SELECT i, 'c' || i, 'n' || i, i % 5 FROM generate_series(1, 100) i;
          ANALYZE users;
          """)
      let catalog = try await catalog(database)
      #expect(catalog.tables.map(\.name.description) == ["public.orders", "public.users"])
      #expect(catalog.timeZone == "UTC" || !catalog.timeZone.isEmpty)
      let orders = catalog.tables[0]
      #expect(orders.primaryKey == ["b", "a"] && orders.uniqueKeys.isEmpty)
      #expect(
        orders.foreignKeys == [
          .init(["owner"], to: QualifiedName(schema: "public", name: "users"), ["id"])
        ])
      #expect(
        orders.columns.map(\.kind) == [
          .integer, .integer, .integer, .integer, .text, .unreadable, .timestamptz,
        ])
      #expect(orders["at"]?.isNotNull == true && orders["owner"]?.isNotNull == false)
      let users = catalog.tables[1]
      #expect(users.primaryKey == ["id"] && users.uniqueKeys == [["nick"]])
      #expect(users.rows == 100 && users.canSample && users.bytes > 0)
      #expect(users["id"]?.distinctShare == 1)
      #expect(users["fifth"]?.distinctShare == 0.05)
    }
  }

  @Test func `a large table is sampled, and a slow one is given up`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          CREATE TABLE visits AS
          SELECT i % 50 AS user_id, date '2024-01-01' + i / 100 AS day, repeat('x', 200) AS pad
          FROM generate_series(0, 29999) i;
          CREATE SCHEMA slow;
          CREATE VIEW slow.orders AS SELECT 1 AS user_id, now() AS created_at FROM pg_sleep(5);
          """)
      let catalog = try await catalog(database, ["public"])
      var visits = catalog.tables[0]
      visits.bytes = 4000 * 8192 * 4
      let activity = Activity(
        table: visits, entity: "user_id", reason: "", others: [],
        time: try #require(visits["day"]))
      let answer = try await history(
        SourceProbe(activity: activity, zone: "UTC"), database.connection)
      guard case .found(let found) = answer else {
        Issue.record("it took too long")
        return
      }
      // A quarter of the pages shows nearly all of the 300 days.
      #expect((280...300).contains(try #require(found).days))

      var maker = ProjectInit(schemas: ["slow"])
      maker.patience = 100
      let draft = try await maker.draft(
        for: database.connectionString, publishingTo: database.connectionString)
      let text = try #require(draft.files.first { $0.path == draft.pipeline }?.text)
      #expect(text.contains("Counting in slow.orders took longer"))
      #expect(draft.asOf == nil)
    }
  }

  private func history(
    _ probe: SourceProbe, _ connection: isolated PostgresConnection
  ) throws -> SourceProbe.Answer<ActivityHistory?> {
    try probe.history(connection)
  }
}
