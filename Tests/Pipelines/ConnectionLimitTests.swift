import Testing

@Suite struct ConnectionLimitTests {
  /// The stages tell which session reads them; the pause makes them read at the same time.
  private static let stages =
    (1...4).map { part in
      """
        part\(part):
          extract:
            from: shop
            sql: SELECT \(part) AS id, pg_backend_pid() AS session FROM pg_sleep(0.2)
            key: id
            timeless: sessions
      """
    }.joined(separator: "\n") + """

        parts: { union: { inputs: [part1, part2, part3, part4] } }
        publish: { write: { input: parts, table: marketing.parts, key: id } }
      """

  @Test(arguments: [1, 2, nil])
  func `a source is read over as many connections as it says`(limit: Int?) async throws {
    try await withProject { project in
      try project.write(
        "roost.yaml",
        """
        roost: 1
        connections:
          shop:
            url: ${SHOP_DATABASE_URL}
            \(limit.map { "max_parallel: \($0)" } ?? "")
          warehouse: ${WAREHOUSE_DATABASE_URL}
        state: warehouse
        """)
      try project.write(stages: Self.stages)
      try await project.run()
      #expect(try await project.count("marketing.parts_current") == 4)
      let sessions = try await project.count(
        "(SELECT DISTINCT session FROM marketing.parts_current) s")
      if let limit { #expect(sessions <= limit) } else { #expect(sessions > 1) }
    }
  }
}
