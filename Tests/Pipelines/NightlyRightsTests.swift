import Foundation
import PostgresClient
import Runs
import State
import TestSupport
import Testing

/// What `check` passes, the night does: a small project whose role has just what it needs, from which
/// rights are taken and for which settings are made. `ROOST_RIGHTS` says how many mixtures of them are
/// tried; in the suite each right is taken once.
@Suite struct NightlyRightsTests {
  /// What the role needs, each without the others of no use. READING may see what is published.
  private static let rights = [
    "USAGE ON SCHEMA shop TO NIGHTLY", "SELECT ON shop.users TO NIGHTLY",
    "SELECT (order_id, user_id, ordered_at) ON shop.orders TO NIGHTLY",
    "EXECUTE ON FUNCTION shop.plain(text) TO NIGHTLY", "CREATE ON DATABASE THIS_ONE TO NIGHTLY",
    "USAGE ON SCHEMA crm TO NIGHTLY", "SELECT (user_id, plan) ON crm.contacts TO NIGHTLY",
    "INSERT (user_id, plan) ON crm.contacts TO NIGHTLY", "UPDATE (plan) ON crm.contacts TO NIGHTLY",
    "USAGE ON SEQUENCE crm.contacts_number_seq TO NIGHTLY", "INSERT (plan) ON crm.log TO NIGHTLY",
    "USAGE ON SEQUENCE crm.log_id_seq TO NIGHTLY", "USAGE, CREATE ON SCHEMA lists TO NIGHTLY",
    "USAGE ON SCHEMA lists TO READING",
  ]

  private static let settings = [
    "default_transaction_read_only = on", "default_transaction_isolation = serializable",
    "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '1ms'",
    "idle_session_timeout = '20s'", "search_path = nowhere", "quote_all_identifiers = on",
    "DateStyle = 'SQL, DMY'", "standard_conforming_strings = off", "bytea_output = escape",
    "array_nulls = off", "statement_timeout = '5min'", "transform_null_equals = on",
  ]

  private static let setup = """
    CREATE ROLE READING NOLOGIN;
    REVOKE ALL ON DATABASE THIS_ONE FROM PUBLIC;
    GRANT CONNECT, TEMPORARY ON DATABASE THIS_ONE TO NIGHTLY;
    CREATE SCHEMA shop;
    CREATE TABLE shop.users (user_id int8 PRIMARY KEY, plan text, since timestamptz NOT NULL);
    INSERT INTO shop.users SELECT i, 'Free', '2020-01-01' FROM generate_series(1, 10) i;
    CREATE TABLE shop.orders (
      order_id int8 PRIMARY KEY, user_id int8, ordered_at timestamptz NOT NULL, secret text);
    INSERT INTO shop.orders SELECT i, i, '2026-05-20', 'x' FROM generate_series(1, 10) i;
    CREATE FUNCTION shop.plain(text) RETURNS text IMMUTABLE LANGUAGE plpgsql
      AS $$ BEGIN RETURN lower($1); END $$;
    REVOKE ALL ON FUNCTION shop.plain(text) FROM PUBLIC;
    CREATE SCHEMA crm;
    CREATE TABLE crm.contacts (
      user_id int8 PRIMARY KEY, plan text, number serial, secret text DEFAULT 'none');
    CREATE TABLE crm.log (id serial PRIMARY KEY, plan text, secret text);
    CREATE SCHEMA lists;
    """

  private static let stages = """
      users:
        extract:
          from: shop
          sql: "SELECT user_id, shop.plain(plan) AS plan, since FROM shop.users"
          key: user_id
          time: since
      plain:
        clean: { input: users, steps: [ { set: { plan: "coalesce(plan, 'none')" } } ] }
      orders:
        extract:
          from: shop
          sql: "SELECT order_id, user_id, ordered_at FROM shop.orders"
          key: order_id
          time: ordered_at
      contacts:
        extract: { from: shop, sql: "SELECT user_id, plan FROM shop.users", key: user_id }
      publish: { write: { input: plain, table: marketing.users, key: user_id } }
      publish_orders: { write: { input: orders, table: lists.orders, key: order_id } }
      tell: { write: { input: contacts, table: crm.contacts, key: user_id, mode: upsert } }
      log:
        after: publish
        sql:
          run: INSERT INTO crm.log (plan) SELECT plan FROM marketing.users_current
          creates: { lists.days: { day: date } }
    """

  private struct Case {
    var lacking: [String] = []
    var settings: [String] = []
  }

  private static let cases: [Case] = {
    let count = ProcessInfo.processInfo.environment["ROOST_RIGHTS"].flatMap(Int.init) ?? 2
    var random = SeededGenerator(seed: 11)
    let single =
      [Case()] + rights.map { Case(lacking: [$0]) } + [
        // What is refused must not leave the session to the role's own bounds.
        Case(lacking: [rights[1]], settings: [settings[3]])
      ]
    return single
      + (0..<count).map { _ in
        Case(
          lacking: rights.filter { _ in Int.random(in: 0..<16, using: &random) == 0 },
          settings: Self.settings.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
      } + [Case(settings: Array(Self.settings.dropFirst())), Case(settings: [Self.settings[0]])]
  }()

  @Test(arguments: cases.indices) func `what check passes, the night does`(number: Int) async throws
  {
    let tried = Self.cases[number]
    try await withDatabase { database in
      let folder = FileManager.default.temporaryDirectory
        .appending(component: "roost-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let role = "sparing_\(database.name)"
      func named(_ sql: String) -> String {
        sql.replacing("NIGHTLY", with: role).replacing("READING", with: "reads_\(database.name)")
          .replacing("THIS_ONE", with: database.name)
      }
      let url = database.url.replacing("user=postgres", with: "user=\(role)")
      let project = TestProject(
        folder: folder, database: database, role: nil,
        environment: ["SHOP_DATABASE_URL": url, "WAREHOUSE_DATABASE_URL": url])
      try project.write(
        "roost.yaml",
        named(
          """
          roost: 1
          connections: { shop: "${SHOP_DATABASE_URL}", warehouse: "${WAREHOUSE_DATABASE_URL}" }
          state: warehouse
          grant_to: READING
          """))
      try project.write(stages: Self.stages)
      let grants = Self.rights.map { "GRANT \($0);" }.joined(separator: "\n")
      try await project.sql(named("CREATE ROLE NIGHTLY LOGIN;" + Self.setup + grants))
      let whole = try await project.check()
      let request = try #require(whole.pipeline, "\(whole.text)")
        .request(environment: .standard, publishes: true)

      for right in tried.lacking {
        let revoke = right.replacing(" TO ", with: " FROM ")
        try await project.sql(named("REVOKE \(revoke)"))
      }
      for setting in tried.settings {
        try await project.sql(named("ALTER ROLE NIGHTLY SET \(setting)"))
      }
      let checked = try await project.check()
      let night: (state: RunState?, error: String)
      do {
        let outcome = try await RunExecutor(request) { _ in }.run()
        night = (outcome.state, outcome.error ?? "")
      } catch {
        night = (nil, "\(error)")
      }
      #expect(
        checked.errors.isEmpty == (night.state == .succeeded),
        "\(tried)\ncheck: \(checked.text)\nnight: \(night)")
      if tried.lacking.isEmpty, tried.settings.isEmpty { #expect(night.state == .succeeded) }
      try await project.sql(
        named("DROP OWNED BY NIGHTLY, READING CASCADE; DROP ROLE NIGHTLY, READING"))
    }
  }
}
