import Testing

/// What a score stage says of its rows.
@Suite struct ScoreTests {
  @Test func `each level of risk is counted once, and all rows have one`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let ran = try await project.run()
      let result = try #require(ran.result(of: "scores"))
      let counts = try await project.texts(
        """
        SELECT level || ' ' || count(s.user_id)
        FROM (VALUES (1, 'high'), (2, 'low')) levels (place, level)
        LEFT JOIN marketing.scores_current s ON s.churn_risk = level
        GROUP BY place, level ORDER BY place
        """)
      #expect(result.notes == [counts.joined(separator: ", ")])
      #expect(try await project.count("marketing.scores_current") == result.rows)
    }
  }
}
