import PipelineFiles
import Runs
import Testing

/// Environments never meet one another, nor the project's own schemas.
@Suite struct EnvironmentTests {
  @Test func `a name that could be taken for two is none`() {
    for name in ["dev", "b", "a_b", "x1_2"] { #expect(PublishingEnvironment(named: name) != nil) }
    for name in ["b__c", "_b", "b_", "B", "", "1a", String(repeating: "x", count: 31)] {
      #expect(PublishingEnvironment(named: name) == nil, "\(name)")
    }
  }

  @Test func `a schema that could be one of an environment is refused in another`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly(table: "marketing__us.users")
      #expect(try await project.check().errors.isEmpty)
      let checked = try await project.check(environment: "dev")
      #expect(
        checked.text.contains(
          "in an environment, schema 'marketing__us' could be taken for one of another environment"),
        "\(checked.text)")
    }
  }

  /// The one way that is left: an environment's schema, named by a pipeline itself.
  @Test(arguments: [nil, "us"])
  func `who published a table first keeps it`(first: String?) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      let tables = [nil: "marketing__us.users", "us": "marketing.users"]
      try project.writeNightly(table: try #require(tables[first]))
      let ran = try await project.run(environment: first)
      let second = first == nil ? "us" : nil
      try project.writeNightly(table: try #require(tables[second]))
      let checked = try await project.check(environment: second)
      let owner = first == nil ? "pipeline 'test'" : "pipeline 'test' in environment 'us'"
      #expect(
        checked.text.contains("marketing__us.users is published by \(owner)"), "\(checked.text)")
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing__us.users_current")
          == ["\(ran.run)"])
    }
  }
}
