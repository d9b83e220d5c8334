import Testing

/// `roost lineage` over every kind of stage.
@Suite struct LineageProgramTests {
  @Test func `tables that are published beside another have columns of their own`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let program = project.program
      func lineage(_ name: String...) async throws -> Program.Result {
        try await program.start(["lineage", "pipeline.yaml"] + name).result()
      }
      let arm = try await lineage("marketing.campaign_assignments.arm")
      #expect(
        arm.output.hasPrefix("marketing.campaign_assignments.arm\n└ win_back.arm  = "), "\(arm)")
      #expect(arm.output.contains("users.may_mail  ← shop: shop.users.may_mail"))
      let current = try await lineage("marketing.campaign_assignments_current.arm")
      #expect(current.output == arm.output)
      // The arm is in the companion alone, the other columns are in both.
      let campaign = try await lineage("win_back.campaign")
      #expect(
        campaign.output.contains(
          "what is made from it\n  marketing.campaign_assignments.campaign\n  publish_targets.campaign\n"
        ), "\(campaign.output)")
      let none = try await lineage("marketing.targets.arm")
      #expect(none.status == 64 && !none.errors.contains("did you mean marketing.targets.arm"))

      let all = try await lineage("marketing.campaign_assignments")
      #expect(all.output.contains("marketing.campaign_assignments.arm  ← win_back.arm\n"))
      let targets = try await lineage("marketing.targets")
      #expect(targets.output.contains("publish_targets.user_id  ← win_back.user_id\n"))
      #expect(!targets.output.contains("arm"))

      let json = try await lineage("--format", "json").output
      #expect(json.contains("\"marketing.campaign_assignments\""))
      for flags in [[], ["--columns"]] {
        let svg = try await program.start(
          ["lineage", "pipeline.yaml", "--format", "svg"] + flags
        ).result()
        #expect(svg.output.contains(">marketing.targets<"))
        #expect(svg.output.contains(">marketing.campaign_ass"))
        #expect(svg.output.contains(">– arm<") == !flags.isEmpty)
      }
    }
  }
}
