import Foundation
import PipelineFiles
import Runs
import Testing

/// Publications with far fewer rows than the last.
@Suite struct CollapsedPublicationTests {
  private func rows(_ project: TestProject) async throws -> Int {
    try await project.count("marketing.users_current")
  }

  private func leave(_ count: Int, _ project: TestProject) async throws {
    try await project.sql("DELETE FROM shop.users WHERE user_id > \(count)")
  }

  private func warnings(_ ran: TestProject.Ran) -> [String] {
    ran.result(of: "publish")?.warnings ?? []
  }

  @Test func `a limit counts what is gone, and chance does not count`() {
    let preset = DropLimit.preset
    #expect(preset.allows(50, after: 100) && !preset.allows(49, after: 100))
    #expect(preset.allows(1, after: 99) && !preset.allows(0, after: 1))
    #expect(preset.allows(0, after: 0) && preset.allows(7, after: 7) && preset.allows(9, after: 7))
    #expect(
      DropLimit.unlessEmpty.allows(1, after: 1000) && !DropLimit.unlessEmpty.allows(0, after: 1))
    let set = DropLimit(atMost: 0.1)
    #expect(set.allows(9, after: 10) && !set.allows(8, after: 10) && !set.allows(0, after: 1))
    #expect(DropLimit(atMost: 1).allows(0, after: 1000))
  }

  @Test func `an empty publication waits for a person, and so does one that has collapsed`()
    async throws
  {
    try await withProject { project in
      try await project.setUpNightlyUsers(200)
      try project.writeNightly()
      let first = try await project.run(asOf: "2024-06-01")
      try await leave(100, project)
      try await project.run(asOf: "2024-06-02")
      try await leave(49, project)
      let collapsed = try await project.run(asOf: "2024-06-03", expecting: .held)
      #expect(
        collapsed.outcome.error
          == "marketing.users: 49 rows would take the place of the 100 of the last publication "
          + "(run 2, 2024-06-02), 51% fewer, and max_drop is 50%")
      try await leave(0, project)
      let empty = try await project.run(asOf: "2024-06-04", expecting: .held)
      #expect(
        empty.outcome.error
          == "marketing.users: no rows would take the place of the 100 of the last publication "
          + "(run 2, 2024-06-02); where that may be, say max_drop: 100%")
      #expect(warnings(empty) == ["there are no rows for marketing.users; stage known made none"])
      #expect(try await rows(project) == 100)
      // A backfill is compared with what was known at its time, and with nothing before the first.
      try await project.run(asOf: "2024-06-01", expecting: .held)
      let before = try await project.run(asOf: "2024-05-01")
      #expect(warnings(before).count == 1)
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users ORDER BY 1")
          == ["\(first.run)", "2"])

      try await project.heldRuns.approve(empty.run, by: "maria")
      #expect(try await rows(project) == 0)
      // After an empty one there is nothing to lose.
      try await project.run(asOf: "2024-06-05")
    }
  }

  @Test func `the file says how much smaller it may be`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers(20)
      try project.writeNightly("max_drop: 10%")
      let first = try await project.run(asOf: "2024-06-01")
      #expect(warnings(first) == [])
      try await leave(18, project)
      try await project.run(asOf: "2024-06-02")
      try await leave(16, project)
      try await project.run(asOf: "2024-06-03", expecting: .held)
      try await leave(0, project)
      try project.writeNightly("max_drop: 100%")
      let empty = try await project.run(asOf: "2024-06-04")
      #expect(warnings(empty) == [])
      #expect(try await rows(project) == 0)
      try project.writeNightly("max_drop: 10%, mode: append", table: "crm.users")
      try await project.sql(
        "CREATE TABLE crm.users (user_id bigint, plan text, score int, since timestamptz)")
      #expect(try await project.check().text.contains("max_drop: is for rows that take the place"))
    }
  }

  @Test func `a table that stands is not emptied by its first run`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers(10)
      try await project.sql(
        """
        CREATE TABLE crm.users (user_id bigint PRIMARY KEY, plan text, score int, since timestamptz);
        INSERT INTO crm.users SELECT i FROM generate_series(1, 300) i;
        """)
      try project.writeNightly("mode: replace", table: "crm.users")
      let held = try await project.run(asOf: "2024-06-01", expecting: .held)
      #expect(
        held.outcome.error?.hasPrefix(
          "crm.users: 10 rows would take the place of the 300 of crm.users, 96.7% fewer") == true,
        "\(held.outcome.error ?? "")")
      #expect(try await project.count("crm.users") == 300)
      try await project.heldRuns.approve(held.run, by: "maria")
      #expect(try await project.count("crm.users") == 10)
    }
  }

  /// Users with a list of those who agreed; `max_change` is small.
  private func writeList(_ project: TestProject, _ more: String = "") throws {
    try project.write(
      stages: """
          users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
          list:
            target:
              input: users
              consent: { phone: agreed }
              campaigns: [ { name: hello, when: "true", channel: phone, offer: o, cost: 1 } ]
          named:
            clean: { input: list, steps: [ { set: { day: "as_of::date", send_on: "send_at::date" } } ] }
          publish:
            write: { input: named, table: marketing.users, key: [user_id, campaign]\(more) }
        """)
  }

  @Test func `who is chosen may be fewer every night, but not nobody`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers(300)
      try await project.sql("ALTER TABLE shop.users ADD COLUMN agreed bool NOT NULL DEFAULT true")
      try writeList(project)
      try await project.run(asOf: "2024-06-01")
      try await project.sql("UPDATE shop.users SET agreed = user_id = 1")
      try await project.run(asOf: "2024-06-02")
      #expect(try await project.count("marketing.campaign_assignments_current") == 1)
      try await project.sql("UPDATE shop.users SET agreed = false")
      try await project.run(asOf: "2024-06-03", expecting: .held)
      #expect(try await rows(project) == 1)
    }
  }

  @Test func `what follows the as-of alone is no change`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers(10)
      try await project.sql("ALTER TABLE shop.users ADD COLUMN agreed bool NOT NULL DEFAULT true")
      try writeList(project, ", max_change: 5%")
      try await project.run(asOf: "2024-06-01")
      let second = try await project.run(asOf: "2024-06-02")
      let comparison = try await RunComparison(
        second.run, keys: nil, in: project.database.connectionString)
      let change = try #require(comparison.tables.first { $0.name == "marketing.users" }?.change)
      #expect(change.share == 0 && change.changed == 10)
      #expect(change.columns.map(\.name).sorted() == ["day", "send_at", "send_on"])
      // Another offer is one.
      let text = try String(
        contentsOf: project.folder.appending(component: TestProject.pipeline), encoding: .utf8)
      try project.write(TestProject.pipeline, text.replacing("offer: o,", with: "offer: p,"))
      let held = try await project.run(asOf: "2024-06-03", expecting: .held)
      #expect(held.outcome.error?.contains("100% of the 10 rows") == true)
    }
  }
}
