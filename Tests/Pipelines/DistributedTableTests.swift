import Testing

/// Tables that a cluster of Citus has spread over other servers, as far as a server without it can tell: by
/// the catalog that Citus has of them.
@Suite struct DistributedTableTests {
  @Test func `a distributed table, behind a view too, is in no snapshot`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.far AS SELECT i::int8 AS id, timestamptz '2026-01-01' AS at
        FROM generate_series(1, 9) i;
        CREATE TABLE shop.near AS TABLE shop.far;
        CREATE VIEW shop.behind AS SELECT id, at FROM shop.far;
        SET allow_system_table_mods = on;
        CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char");
        INSERT INTO pg_catalog.pg_dist_partition VALUES ('shop.far', 'h');
        GRANT SELECT ON pg_catalog.pg_dist_partition TO PUBLIC;
        RESET allow_system_table_mods;
        """)
      for table in ["far", "behind"] {
        try project.write(
          stages: """
              rows: { extract: { from: shop, table: shop.\(table), key: id, timeless: a list } }
            """)
        let checked = try await project.check()
        #expect(
          checked.text.contains(
            "error[R0520]: shop.far, a distributed table, is in no snapshot"), "\(checked.text)")
      }
      // What says since when a row is there can be read, and so can what is not distributed.
      try project.write(
        stages: """
            timed: { extract: { from: shop, table: shop.behind, key: id, time: at } }
            near: { extract: { from: shop, table: shop.near, key: id, timeless: a list } }
            publish: { write: { input: timed, table: marketing.timed, key: id } }
          """)
      let checked = try await project.check()
      #expect(checked.errors.isEmpty, "\(checked.text)")
      try await project.run()
      #expect(try await project.count("marketing.timed_current") == 9)
    }
  }
}
