import DemoShop
import PipelineFiles
import Runs
import TestSupport
import Testing

/// The shipped retention pipeline over a small demo shop: whom it contacts, and what it shows of them.
@Suite struct RetentionTests {
  private static let users = 1200

  private func withShop(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      try await project.makeMarketingReader()
      try await DemoShop(users: Self.users, seed: 3).load(into: project.database.connection)
      try await body(project)
    }
  }

  @Test func `the shipped pipeline contacts only those it may`() async throws {
    try await withShop { project in
      let ran = try await project.run(ShippedPipelines.path("retention"))
      try await expectRightful(project, budget: 50_000)
      try await expectHoldout(project)
      try await expectDocumented(project)
      try await expectNothingPersonal(project, ran)

      // The next night sees a little more, and holds out the same people.
      try await project.sql("CREATE TABLE held AS TABLE marketing.campaign_assignments_current")
      try await project.run(ShippedPipelines.path("retention"), asOf: "2026-06-02")
      #expect(
        try await project.count(
          "held JOIN marketing.campaign_assignments_current USING (user_id, campaign)") > 20)
      #expect(
        try await project.count(
          """
          held h JOIN marketing.campaign_assignments_current c USING (user_id, campaign)
          WHERE h.arm <> c.arm
          """) == 0)
    }
  }

  @Test func `a small budget binds`() async throws {
    try await withShop { project in
      try project.copyShippedPipelines([
        "budget: 50000": "budget: 505.50", "algorithm:": "rounds: 20\n      algorithm:",
      ])
      let ran = try await project.run("pipelines/retention.yaml")
      try await expectRightful(project, budget: 505.5)
      let overBudget = ran.result(of: "win_back")?.details["over_budget"]?.double
      #expect(try #require(overBudget) > 0)
      // Not even the cheapest further contact would fit.
      #expect(
        try await project.text(
          "SELECT (sum(cost) + 30 > 505.50)::text FROM marketing.campaign_targets_current")
          == "true")
    }
  }

  private func expectRightful(_ project: TestProject, budget: Double) async throws {
    #expect(try await project.count("marketing.campaign_targets_current") > 5)
    #expect(
      try await project.texts(
        "SELECT DISTINCT arm FROM marketing.campaign_assignments_current ORDER BY 1")
        == ["holdout", "treatment"])
    #expect(
      try await project.difference(
        "SELECT user_id, campaign, channel, offer, cost FROM marketing.campaign_targets_current",
        """
        SELECT user_id, campaign, channel, offer, cost FROM marketing.campaign_assignments_current
        WHERE arm = 'treatment'
        """) == [])
    for table in ["campaign_targets_current", "campaign_assignments_current"] {
      #expect(
        try await project.count(
          """
          marketing.\(table) JOIN shop.users USING (user_id) WHERE NOT (CASE marketing.\(table).channel
            WHEN 'phone' THEN phone_consent WHEN 'app_push' THEN push_consent END)
          """) == 0)
      #expect(
        try await project.count(
          """
          marketing.\(table) t JOIN shop.campaign_sends s USING (user_id)
          WHERE s.sent_at < t.as_of AND s.sent_at
            >= ((t.as_of AT TIME ZONE 'Asia/Shanghai') - interval '14 days') AT TIME ZONE 'Asia/Shanghai'
          """) == 0)
    }
    let cost = try await project.database.connection.query(
      "SELECT sum(cost)::float8 FROM marketing.campaign_targets_current")[0].double(0)
    #expect(cost <= budget)
    // Nobody is chosen whose rule does not hold.
    #expect(
      try await project.count(
        """
        marketing.campaign_assignments_current a
        JOIN marketing.user_scores_current s USING (user_id)
        JOIN marketing.user_segments_current g USING (user_id)
        WHERE CASE campaign WHEN 'vip_call' THEN segment <> 'at_risk_vip'
          ELSE churn_risk <> 'high' OR s.top_cause <> 'price' END
        """) == 0)
  }

  /// HMAC-SHA256 worked out by pgcrypto: the first eight bytes as a fraction of 2^64 below 10 %.
  private func expectHoldout(_ project: TestProject) async throws {
    try await project.sql("CREATE EXTENSION pgcrypto SCHEMA public")
    #expect(
      try await project.difference(
        "SELECT user_id, campaign, arm FROM marketing.campaign_assignments_current",
        """
        SELECT user_id, campaign, CASE WHEN ('x' || encode(substr(
            public.hmac(campaign || user_id, '\(TestProject.holdoutKey)', 'sha256'), 1, 7), 'hex'))
            ::bit(56)::bigint < 0.1 * 2::numeric ^ 56 THEN 'holdout' ELSE 'treatment' END
        FROM marketing.campaign_assignments_current
        """) == [])
  }

  private func expectDocumented(_ project: TestProject) async throws {
    let views =
      """
      pg_class v WHERE relnamespace = 'marketing'::regnamespace AND relkind = 'v'
      """
    #expect(try await project.count(views) == 8)
    #expect(try await project.count("\(views) AND obj_description(oid) IS NULL") == 0)
    #expect(
      try await project.count(
        "\(views) AND NOT has_table_privilege('marketing_reader', oid, 'SELECT')") == 0)
    #expect(
      try await project.text(
        "SELECT has_schema_privilege('marketing_reader', 'marketing', 'USAGE')::text") == "true")
    #expect(
      try await project.texts(
        """
        SELECT attrelid::regclass || '.' || attname FROM pg_attribute
        JOIN (SELECT oid FROM \(views)) v ON attrelid = v.oid
        WHERE attnum > 0 AND col_description(attrelid, attnum) IS NULL
        """) == [])
    // The grant is of use: the role can read although it has no rights on schema roost.
    try await project.sql(
      """
      SET ROLE marketing_reader;
      SELECT count(*) FROM marketing.campaign_targets_current;
      SELECT count(*) FROM marketing.campaign_targets;
      RESET ROLE
      """)
  }

  /// Looks for what the shop knows of some people in every table that Roost wrote, and in what it said.
  private func expectNothingPersonal(_ project: TestProject, _ ran: TestProject.Ran) async throws {
    let secrets = try await project.texts(
      """
      SELECT unnest(ARRAY[email, phone, full_name]) FROM shop.users
      WHERE user_id IN (SELECT user_id FROM marketing.campaign_assignments_current LIMIT 15)
      """)
    #expect(secrets.count > 20)
    let tables = try await project.texts(
      """
      SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'v')
        AND relnamespace IN ('roost'::regnamespace, 'roost_data'::regnamespace,
          'marketing'::regnamespace)
      """)
    #expect(tables.count > 12)
    for table in tables {
      let found = try await project.database.connection.query(
        """
        SELECT count(*) FROM \(table) t, unnest($1::text[]) s WHERE position(s IN t::text) > 0
        """, [.texts(secrets)])
      #expect(try found[0].int(0) == 0, "\(table)")
    }
    let said = ran.events.compactMap { event -> String? in
      guard case .stageFinished(_, let result) = event else { return nil }
      return (result.notes + result.warnings + [result.details.text]).joined()
    }.joined()
    #expect(!secrets.contains { said.contains($0) })
  }
}
