import Foundation
import PostgresClient
import Runs
import TestSupport
import Testing

/// Runs that read a standby, which may lag behind its primary.
@Suite struct StandbyTests {
  private func withStandby(
    _ body: (TestProject, TestDatabase, PostgresConnection) async throws -> Void
  ) async throws {
    try await DurableCluster.with { primary in
      let source = try await primary.makeDatabase("shop")
      try await source.connection.execute(
        script: """
          CREATE ROLE reader LOGIN;
          CREATE TABLE users (user_id int8, since timestamptz);
          INSERT INTO users SELECT i, '2020-01-01' FROM generate_series(1, 10) i;
          GRANT SELECT ON users TO reader;
          """)
      try await primary.withStandby { folder in
        func url(_ role: String) -> String {
          "postgresql:///shop?host=\(folder)&port=5432&user=\(role)"
        }
        let standby = try await PostgresConnection.connect(to: ConnectionString(url("postgres")))
        try await withProject { project in
          var project = project
          project.environment["SHOP_DATABASE_URL"] = url("reader")
          try project.write(
            TestProject.pipeline,
            """
            pipeline: test
            retry: { attempts: 2, delay: 1s }
            stages:
              users: { extract: { from: shop, table: public.users, key: user_id, time: since } }
              publish: { write: { input: users, table: marketing.users, key: user_id } }
            """)
          try await body(project, source, standby)
        }
        await standby.close()
      }
    }
  }

  /// The as-of of runs that want rows which the standby does not have.
  private static let late = "2039-01-01"

  private func waitForReplay(_ source: TestDatabase, _ standby: PostgresConnection) async throws {
    let end = try await source.connection.query("SELECT pg_current_wal_lsn()::text")[0].string(0)
    while try await !standby.query("SELECT pg_last_wal_replay_lsn() >= '\(end)'")[0].bool(0) {
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func `a standby is read as of what it has replayed, and lacking rows are told`()
    async throws
  {
    try await withStandby { project, source, standby in
      // The last transaction that it knows of.
      try await source.connection.execute(
        script: "DELETE FROM users WHERE user_id = 0; CREATE TABLE one ()")
      try await waitForReplay(source, standby)
      // Nothing has happened since: what is missing nobody misses.
      let first = try await project.run(asOf: Self.late)
      #expect(first.result(of: "users")?.warnings == [])

      try await standby.query("SELECT pg_wal_replay_pause()")
      try await source.connection.execute(
        script: "INSERT INTO users SELECT i, '2021-01-01' FROM generate_series(11, 20) i")
      let inserted = try await source.connection.query("SELECT now()")[0].instant(0)
      while try await standby.query(
        "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()")[0].bool(0) == false
      {
        try await Task.sleep(for: .milliseconds(10))
      }
      let second = try await project.run(asOf: Self.late)
      #expect(try await project.count("marketing.users_current") == 10)
      let warnings = try #require(second.result(of: "users")?.warnings)
      #expect(warnings.count == 1)
      #expect(
        warnings[0].hasPrefix("shop is a standby that has replayed its primary's changes up to"))
      let read = try #require(
        second.events.lazy.compactMap {
          if case .snapshots(let instants) = $0 { instants["shop"] } else { nil }
        }.first)
      #expect(read < inserted)
      #expect(
        try await project.text(
          """
          SELECT (snapshots ->> 'shop')::timestamptz < '\(inserted.sqlText)'
          FROM roost.runs WHERE run_id = \(second.run)
          """) == "t")
      // What is wanted is there.
      let third = try await project.run(asOf: "2026-01-01")
      #expect(third.result(of: "users")?.warnings == [])

      try project.write(
        "roost.yaml",
        """
        roost: 1
        connections:
          shop: { url: "${SHOP_DATABASE_URL}", stale: refuse }
          warehouse: ${WAREHOUSE_DATABASE_URL}
        state: warehouse
        """)
      let refused = try await project.run(asOf: Self.late, expecting: .failed)
      #expect(
        refused.outcome.error?.hasPrefix(
          "shop: a standby that has replayed its primary's changes up to") == true)
      try await standby.query("SELECT pg_wal_replay_resume()")
      try await waitForReplay(source, standby)
      try await project.run(asOf: Self.late)
      #expect(try await project.count("marketing.users_current") == 20)
    }
  }
}
