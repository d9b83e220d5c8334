import Runs
import Testing

/// Enums compare by the order of their labels, as in Postgres, wherever they are compared.
@Suite struct EnumTests {
  /// Labels whose order is neither that of the alphabet nor of their making.
  private static let labels = [
    "CREATE SCHEMA shop; CREATE TYPE shop.tier AS ENUM ('silver', 'platinum', 'none', 'O''Neil')",
    "ALTER TYPE shop.tier ADD VALUE 'bronze' BEFORE 'silver'",
    "ALTER TYPE shop.tier ADD VALUE 'gold' AFTER 'silver'",
  ]

  private static let rows = """
    CREATE DOMAIN shop.level AS shop.tier;
    CREATE TABLE shop.users (user_id int8 NOT NULL, tier shop.tier, was shop.tier, level shop.level,
      joined timestamptz);
    INSERT INTO shop.users
    SELECT i, (enum_range(NULL::shop.tier))[nullif(i % 7, 0)], (enum_range(NULL::shop.tier))[1 + i % 6],
      (enum_range(NULL::shop.tier))[1 + i % 5], '2026-01-01'
    FROM generate_series(1, 60) i;
    CREATE TABLE shop.moves (
      move_id int8 NOT NULL, user_id int8, tier shop.tier, at timestamptz);
    INSERT INTO shop.moves
    SELECT i, 1 + i * i % 60, (enum_range(NULL::shop.tier))[nullif(i * 5 % 7, 0)],
      timestamptz '2026-05-01' + i % 40 * interval '12 hours'
    FROM generate_series(1, 900) i;
    """

  private func setUp(_ project: TestProject, _ more: String = "") async throws {
    for statement in Self.labels + [Self.rows + more] { try await project.sql(statement) }
  }

  /// Expressions over a row that mean the same in Postgres.
  private static let conditions = [
    "tier >= 'silver'", "tier < 'gold'", "tier between 'silver' and 'platinum'", "tier = was",
    "tier > was", "tier in ('gold', 'bronze')", "'gold' <= tier", "tier <> 'none'",
    "tier is distinct from was", "coalesce(tier, 'bronze') > 'silver'",
    "greatest(tier, was) = tier", "least(tier, was, 'gold') >= 'silver'",
    "case when user_id > 30 then tier else was end >= 'gold'", "nullif(tier, 'gold') > 'silver'",
    "not tier >= 'O''Neil'", "(tier::text = 'gold' or tier::text > 'none')",
  ]

  @Test func `conditions are true where they are in Postgres`() async throws {
    try await withProject { project in
      try await setUp(project)
      let settings = Self.conditions.enumerated().map { "c\($0): \"\($1)\"" }
        .joined(separator: ", ")
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            out: { clean: { input: users, steps: [ { set: { \(settings), best: "greatest(tier, was)", high: "level >= 'gold'" } } ] } }
            publish: { write: { input: out, table: marketing.out, key: user_id } }
          """)
      try await project.run()
      let ours = Self.conditions.indices.map { "c\($0)" }.joined(separator: ", ")
      #expect(
        try await project.difference(
          "SELECT user_id, \(ours), best, high FROM marketing.out_current",
          """
          SELECT user_id, \(Self.conditions.map { "(\($0))" }.joined(separator: ", ")),
            greatest(tier, was)::text, level::shop.tier >= 'gold'
          FROM shop.users
          """) == [])
    }
  }

  @Test func `aggregates, orders and rules go by the labels`() async throws {
    try await withProject { project in
      try await setUp(project)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            moves: { extract: { from: shop, table: shop.moves, key: move_id, time: at } }
            latest: { clean: { input: moves, steps: [ { deduplicate: { by: user_id, keep: latest, order: tier } } ] } }
            filled: { clean: { input: users, steps: [ { fill: { column: tier, from: mode } } ] } }
            f:
              features:
                entity: users.user_id
                windows: [7d, 30d]
                from:
                  moves:
                    windowed:
                      best: max(tier)
                      worst: min(tier)
                      usual: mode(tier)
                      middle: percentile_disc(0.5) within group (order by tier)
                      high: count(*) filter (where tier >= 'gold')
                      kinds: count(distinct tier)
                      is_high: max(tier) >= 'gold'
                    ever: { newest: last(tier) }
                derived: { rose: best_7d >= worst_30d }
            groups:
              segment:
                input: [f]
                rules:
                  - { name: valued, when: "best_30d >= 'gold'" }
                otherwise: other
            out: { write: { input: f, table: marketing.f, key: user_id } }
            out_latest: { write: { input: latest, table: marketing.latest, key: move_id } }
            out_filled: { write: { input: filled, table: marketing.filled, key: user_id } }
            out_groups: { write: { input: groups, table: marketing.groups, key: user_id } }
          """)
      try await project.run()
      func window(_ days: Int) -> String {
        let rows = "FILTER (WHERE at >= timestamptz '2026-06-01' - interval '\(days) days')"
        return """
          max(m.tier) \(rows) AS best_\(days), min(m.tier) \(rows) AS worst_\(days),
          mode() WITHIN GROUP (ORDER BY m.tier) \(rows) AS usual_\(days),
          percentile_disc(0.5) WITHIN GROUP (ORDER BY m.tier) \(rows) AS middle_\(days),
          count(*) FILTER (WHERE m.tier >= 'gold' AND at >= timestamptz '2026-06-01' - interval '\(days) days') AS high_\(days),
          count(DISTINCT m.tier) \(rows) AS kinds_\(days)
          """
      }
      let expected = """
        SELECT u.user_id, \(window(7)), \(window(30)),
          (array_agg(m.tier ORDER BY at DESC, move_id DESC) FILTER (WHERE m.tier IS NOT NULL))[1] AS newest
        FROM shop.users u LEFT JOIN shop.moves m ON m.user_id = u.user_id AND at < '2026-06-01'
        GROUP BY u.user_id
        """
      let columns = [7, 30].map { days in
        ["best", "worst", "usual", "middle", "high", "kinds"].map { "\($0)_\(days)" }
      }.joined().joined(separator: ", ")
      let casts = [7, 30].map { days in
        ["best", "worst", "usual", "middle"].map { "\($0)_\(days)::text" }
          + ["high_\(days)", "kinds_\(days)"]
      }.joined().joined(separator: ", ")
      #expect(
        try await project.difference(
          "SELECT user_id, \(columns.replacing("_7", with: "_7d").replacing("_30", with: "_30d")), newest, is_high_30d, rose FROM marketing.f_current",
          "SELECT user_id, \(casts), newest::text, best_30 >= 'gold', best_7 >= worst_30 FROM (\(expected)) e"
        ) == [])
      #expect(
        try await project.difference(
          "SELECT user_id, segment FROM marketing.groups_current",
          "SELECT user_id, CASE WHEN best_30 >= 'gold' THEN 'valued' ELSE 'other' END FROM (\(expected)) e"
        ) == [])
      // Nulls come last, whatever the direction; of several with one label one is kept.
      #expect(
        try await project.difference(
          "SELECT user_id, tier FROM marketing.latest_current",
          """
          SELECT DISTINCT ON (user_id) user_id, tier::text AS label FROM shop.moves
          WHERE at < '2026-06-01' ORDER BY user_id, tier DESC NULLS LAST
          """) == [])
      #expect(
        try await project.difference(
          "SELECT user_id, tier FROM marketing.filled_current",
          """
          SELECT user_id,
            coalesce(tier, (SELECT mode() WITHIN GROUP (ORDER BY tier) FROM shop.users))::text
          FROM shop.users
          """) == [])
    }
  }

  @Test(arguments: [
    (
      "set: { x: \"tier >= 'silber'\" }", "the enum has no label 'silber'", "did you mean 'silver'?"
    ),
    ("set: { x: \"tier = 'Gold'\" }", "the enum has no label 'Gold'", "did you mean 'gold'?"),
    ("set: { x: \"tier in ('gold', 'x')\" }", "the enum has no label 'x'", "there is: "),
    ("set: { x: \"coalesce(tier, '?')\" }", "the enum has no label '?'", "there is: "),
    (
      "set: { x: \"coalesce(tier, other)\" }",
      "coalesce has values of an enum and of another enum", "other::text"
    ),
    (
      "set: { x: \"case when true then note else tier end\" }",
      "case has values of an enum and of type text", "tier::text"
    ),
    ("set: { x: \"tier > note\" }", "does not work on an enum and a text", "tier::text"),
    ("set: { x: \"tier > other\" }", "does not work on an enum and another enum", "tier::text"),
    (
      "reject: { where: \"tier between 'gold' and 'best'\", reason: r }", "no label 'best'",
      "there is"
    ),
    ("fill: { column: tier, with: \"'unknown'\" }", "none of its labels", "tier::text"),
  ])
  func `labels that there are not are refused`(
    step: String, message: String, help: String
  ) async throws {
    try await withProject { project in
      try await setUp(
        project,
        """
        CREATE TYPE shop.other AS ENUM ('gold', 'silver');
        ALTER TABLE shop.users ADD note text, ADD other shop.other;
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            out: { clean: { input: users, steps: [ { \(step) } ] } }
          """)
      let found = try await project.check()
      #expect(found.text.contains(message) && found.text.contains(help), "\(found.text)")
    }
  }

  @Test func `what becomes a text compares as one, and unions are of one enum`() async throws {
    try await withProject { project in
      try await setUp(
        project,
        """
        CREATE TABLE shop.others (user_id int8 NOT NULL, tier text, was shop.tier, level shop.level,
          joined timestamptz);
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            others: { extract: { from: shop, table: shop.others, key: user_id, time: joined } }
            mapped: { clean: { input: users, steps: [ { map: { column: tier, to: { none: nothing } } }, { set: { x: "tier >= 'nothing'" } } ] } }
            both: { union: { inputs: [users, others] } }
          """)
      let found = try await project.check()
      #expect(found.errors.count == 1, "\(found.text)")
      #expect(
        found.text.contains("'tier' is a text in stage 'others', an enum of bronze, silver, gold"),
        "\(found.text)")
    }
  }

  @Test func `values that are replaced keep the order of their labels`() async throws {
    try await withProject { project in
      try await setUp(
        project,
        """
        CREATE TYPE shop.odd AS ENUM ('low ', ' Mid', 'HIGH', 'top');
        CREATE TABLE shop.odds (id int8 NOT NULL, odd shop.odd, joined timestamptz);
        INSERT INTO shop.odds SELECT i, (enum_range(NULL::shop.odd))[1 + i % 4], '2020-01-01'
          FROM generate_series(1, 20) i;
        """)
      func write(_ step: String, _ condition: String) throws {
        try project.write(
          stages: """
              odds: { extract: { from: shop, table: shop.odds, key: id, time: joined } }
              out: { clean: { input: odds, steps: [ \(step), { set: { x: "\(condition)" } } ] } }
              write: { write: { input: out, table: marketing.odds, key: id } }
            """)
      }
      for (step, condition, expected) in [
        (
          "{ normalize: { columns: odd, trim: true, case: lower } }", "odd >= 'mid'",
          "odd >= ' Mid'"
        ),
        ("{ map: { column: odd, to: { HIGH: better } } }", "odd >= 'better'", "odd >= 'HIGH'"),
        ("{ map: { column: odd, to: { HIGH: best, top: best } } }", "odd < 'best'", "odd < 'HIGH'"),
        (
          "{ map: { column: odd, to: { HIGH: b, top: a }, otherwise: 'null' } }", "odd > 'b'",
          "CASE WHEN odd >= 'HIGH' THEN odd = 'top' END"
        ),
      ] {
        try write(step, condition)
        try await project.run()
        #expect(
          try await project.difference(
            "SELECT id, x FROM marketing.odds_current", "SELECT id, \(expected) FROM shop.odds")
            == [],
          "\(step)")
      }
      try write("{ map: { column: odd, to: { top: bottom, 'low ': bottom } } }", "odd > 'HIGH'")
      let refused = try await project.check().text
      #expect(refused.contains("'bottom' would have no place in its order"), "\(refused)")
      #expect(refused.contains("set: { odd: odd::text }"))
    }
  }

  @Test func `labels that change between check and run stop the run`() async throws {
    try await withProject { project in
      try await setUp(project)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            out: { clean: { input: users, steps: [ { set: { x: "tier >= 'gold'" } } ] } }
          """)
      let checked = try await project.check()
      let pipeline = try #require(checked.pipeline)
      try await project.sql("ALTER TYPE shop.tier RENAME VALUE 'none' TO 'nothing'")
      let outcome = try await RunExecutor(
        pipeline.request(environment: .standard, publishes: false, stateFolder: nil)
      ) { _ in }.run()
      #expect(outcome.state == .failed)
      #expect(
        outcome.error?.contains("the labels of the enum 'tier' changed since they were checked")
          == true,
        "\(outcome.error ?? "")")
    }
  }

  @Test func `a share of a label that there is none is said as one`() async throws {
    try await withProject { project in
      try await setUp(project)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            moves: { extract: { from: shop, table: shop.moves, key: move_id, time: at } }
            f:
              features:
                entity: users.user_id
                from: { moves: { ever: { share: { share_of: tier, values: [gold, goldd] } } } }
          """)
      let text = try await project.check().text
      #expect(text.contains("the enum of tier has no label 'goldd'"), "\(text)")
      #expect(text.contains("did you mean 'gold'?") && !text.contains("of type text"), "\(text)")
    }
  }
}
