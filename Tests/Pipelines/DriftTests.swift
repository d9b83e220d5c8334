import Testing

/// People are told when a model has become worse, and the night goes on.
@Suite struct DriftTests {
  @Test func `a model that ranks worse than those before it is told of once`() async throws {
    try await withProject(settings: TestProject.told) { project in
      try await project.setUpSmallShop()
      try await project.run(asOf: "2026-05-31")
      let alerts = "SELECT message FROM roost.alerts WHERE kind = 'drift'"
      #expect(try await project.texts(alerts) == [])
      // The model of the night before was nearly perfect.
      try await project.sql(
        """
        UPDATE roost.stages SET details = jsonb_set(details, '{model,auc}', '0.995')
        WHERE stage = 'churn'
        """)
      let night = try await project.run(asOf: "2026-06-01")
      let told = try await project.texts(alerts)
      #expect(told.count == 1)
      #expect(told.first?.hasPrefix("churn: the model's AUC is 0.") == true, "\(told)")
      #expect(told.first?.contains("the last published run is 0.995") == true, "\(told)")
      #expect(
        night.result(of: "churn")?.warnings.contains { $0.contains("0.995") } == true)
    }
  }
}
