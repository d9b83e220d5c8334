import Testing

/// Times without a zone are read in the zone that their extract says, by every stage alike.
@Suite struct ZonedTimeTests {
  /// Local times around changes of clocks, skipped ones and such that exist twice among them.
  private static let rows = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.users (user_id int8 NOT NULL, joined timestamptz, ok bool);
    INSERT INTO shop.users SELECT i, '2024-01-01 00:00+00', true FROM generate_series(1, 40) i;
    CREATE TABLE shop.visits AS
    SELECT row_number() OVER () AS id, 1 + (row_number() OVER () % 40)::int8 AS user_id,
      d + s AS seen_at, (d + s)::date AS on_day, date '1990-03-31' AS born
    FROM unnest(ARRAY['2026-03-08', '2026-03-29', '2026-03-30', '2026-10-25', '2026-11-01',
        '2026-05-31', '2026-04-05']::timestamp[]) d,
      LATERAL (SELECT n * interval '35 minutes' AS s FROM generate_series(0, 44) n) s;
    INSERT INTO shop.visits VALUES (9001, 1, 'infinity', 'infinity', '2000-01-01'),
      (9002, 2, '-infinity', '-infinity', NULL), (9003, 3, NULL, NULL, NULL);
    """

  private static func stages(_ zone: String) -> String {
    """
      users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
      visits: { extract: { from: shop, table: shop.visits, key: id, time: seen_at, time_zone: \(zone) } }
      days: { extract: { from: shop, sql: "select id, on_day, seen_at from shop.visits", key: id, time: on_day, time_zone: \(zone) } }
      features:
        features:
          entity: users.user_id
          windows: [1h, 24h, 1d, 30d]
          from:
            visits:
              windowed: { visits: count(*), latest: max(seen_at) }
              ever:
                all_visits: count(*)
                age: days_since(max(seen_at))
                evenings: "count(*) filter (where extract(hour from seen_at) >= 18)"
                past: "bool_and(seen_at < as_of)"
      out: { write: { input: visits, table: marketing.visits, key: id } }
      out_days: { write: { input: days, table: marketing.days, key: id } }
      probe: { probe: { input: features, at: ['2026-03-08T07:00', '2026-03-29T02:00', '2026-06-01', '2026-11-01T06:30'] } }
      publish_probe: { write: { input: probe, table: marketing.probed, key: [cutoff, user_id] } }
    """
  }

  @Test(arguments: [
    ("UTC", "America/New_York"), ("Asia/Shanghai", "America/New_York"),
    ("America/Sao_Paulo", "Europe/Berlin"), ("Europe/Berlin", "Australia/Lord_Howe"),
  ])
  func `instants, windows, ages and comparisons are Postgres's`(
    pipeline: String, zone: String
  ) async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages(zone), timezone: pipeline)
      try await project.run(asOf: "2027-01-01")
      // A day has its first instant where it has no midnight, as Postgres reads it too.
      let published = try await project.difference(
        "SELECT id, user_id, seen_at, on_day, born FROM marketing.visits_current",
        """
        SELECT id, user_id, seen_at AT TIME ZONE '\(zone)', on_day, born FROM shop.visits
        WHERE seen_at AT TIME ZONE '\(zone)' < '2027-01-01'::timestamp AT TIME ZONE '\(pipeline)'
        """)
      #expect(published.isEmpty, "\(published)")
      let days = try await project.difference(
        "SELECT id, on_day, seen_at FROM marketing.days_current",
        """
        SELECT id, on_day::timestamp AT TIME ZONE '\(zone)', seen_at AT TIME ZONE '\(zone)'
        FROM shop.visits
        WHERE on_day::timestamp AT TIME ZONE '\(zone)' < '2027-01-01'::timestamp AT TIME ZONE '\(pipeline)'
        """)
      #expect(days.isEmpty, "\(days)")
      let features = try await project.difference(
        """
        SELECT cutoff, user_id, visits_1h, visits_24h, visits_1d, visits_30d, latest_30d, all_visits,
          age, evenings, past FROM marketing.probed_current
        """,
        """
        SELECT c, user_id, count(t) FILTER (WHERE t >= c - interval '1 hour'),
          count(t) FILTER (WHERE t >= c - interval '24 hours'),
          count(t) FILTER (WHERE t >= (c AT TIME ZONE z - interval '1 day') AT TIME ZONE z),
          count(t) FILTER (WHERE t >= (c AT TIME ZONE z - interval '30 days') AT TIME ZONE z),
          max(t) FILTER (WHERE t >= (c AT TIME ZONE z - interval '30 days') AT TIME ZONE z),
          count(t),
          CASE WHEN isfinite(max(t)) THEN (c AT TIME ZONE z)::date - (max(t) AT TIME ZONE z)::date END,
          count(t) FILTER (WHERE extract(hour FROM t AT TIME ZONE z) >= 18), bool_and(t < c)
        FROM (SELECT '\(pipeline)'::text AS z) z
        CROSS JOIN (SELECT unnest(ARRAY['2026-03-08 07:00', '2026-03-29 02:00', '2026-06-01',
          '2026-11-01 06:30']::timestamp[]) AT TIME ZONE '\(pipeline)' AS c) c
        CROSS JOIN (SELECT user_id FROM shop.users) u
        LEFT JOIN (SELECT user_id AS visitor, seen_at AT TIME ZONE '\(zone)' AS t FROM shop.visits) v
          ON visitor = user_id AND t < c
        GROUP BY c, user_id, z
        """)
      #expect(features.isEmpty, "\(features)")
    }
  }

  @Test func `who was contacted lately by the clocks of the sender is left alone`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users (user_id int8 NOT NULL, joined timestamptz, ok bool);
        INSERT INTO shop.users SELECT i, '2025-01-01', true FROM generate_series(1, 7) i;
        CREATE TABLE shop.sends (send_id int8, user_id int8, sent_at timestamp);
        INSERT INTO shop.sends VALUES (1, 1, '2026-05-31 19:30'), (2, 2, '2026-05-31 18:00'),
          (3, 3, '2026-05-31 20:30'), (4, 4, '2026-05-30 21:00'), (5, 5, '2026-05-30 19:00'),
          (6, 6, NULL);
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            sends: { extract: { from: shop, table: shop.sends, key: send_id, time: sent_at, time_zone: America/New_York } }
            marked: { clean: { input: sends, steps: [ { set: { day: "sent_at::date" } } ] } }
            more: { clean: { input: sends, steps: [ { set: { day: "sent_at::date" } } ] } }
            both: { union: { inputs: [marked, more], source: part } }
            list:
              target:
                input: users
                consent: { phone: ok }
                suppress: [ { contacted_within: 24h, from: both } ]
                campaigns: [ { name: c, when: "true", channel: phone, offer: o, cost: 1 } ]
            out: { write: { input: list, table: marketing.list, key: [user_id, campaign] } }
          """)
      let state = project.folder.appending(path: "state").path
      let ran = try await project.run(stateFolder: state)
      // The third's contact is not known yet; nobody knows when the sixth had one.
      let chosen = try await project.texts(
        "SELECT user_id::text FROM marketing.list_current ORDER BY user_id")
      #expect(chosen == ["3", "5", "7"])
      let list = try #require(ran.result(of: "list"))
      #expect(
        list.notes.contains("contacted, nobody knows when, and left alone for that: 1"),
        "\(list.notes)")
      #expect(list.details["suppressed_without_time"] == 1 && list.details["suppressed"] == 4)
      // A resumed run knows of such contacts too.
      let again = try await project.run(stateFolder: state, from: ["list"])
      #expect(again.result(of: "list")?.details["suppressed_without_time"] == 1)
    }
  }

  /// 19:30 in New York is half an hour before midnight in UTC, 23:30 in Tokyo is nine and a half.
  @Test(arguments: [("America/New_York", "19:30", true), ("Asia/Tokyo", "23:30", false)])
  func `how fresh a time is counts by the clocks that wrote it`(
    zone: String, time: String, isFresh: Bool
  ) async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop; CREATE TABLE shop.visits (id int8 NOT NULL, seen_at timestamp);
        INSERT INTO shop.visits VALUES (1, '2026-05-31 \(time)'), (2, '2026-05-01'),
          (3, 'infinity'), (4, NULL);
        """)
      try project.write(
        stages: """
            visits: { extract: { from: shop, table: shop.visits, key: id, time: seen_at, time_zone: \(zone) } }
            fresh: { check: { input: visits, expect: [ { fresh: { column: seen_at, within: 1h } } ] } }
          """)
      let ran = try await project.run(expecting: isFresh ? .succeeded : .blocked)
      #expect(
        ran.outcome.error?.contains("the latest is 9 hours older than the as-of") ?? isFresh,
        "\(ran.outcome.error ?? "")")
    }
  }

  /// Orders of each user once, at local times that fall into a label's window or beside it by the zone.
  @Test(arguments: ["America/New_York", "Asia/Tokyo", "UTC"])
  func `labels look forward by the clocks that wrote the times`(zone: String) async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users AS
        SELECT i::int8 AS user_id, timestamptz '2025-01-01' AS joined FROM generate_series(1, 400) i;
        CREATE TABLE shop.orders AS
        SELECT row_number() OVER () AS id, i::int8 AS user_id,
          d + (i * 7 % 48) * interval '30 minutes' - interval '12 hours' AS ordered_at
        FROM generate_series(1, 400) i, unnest(ARRAY['2026-02-01', '2026-03-03', '2026-03-08',
          '2026-04-02', '2026-05-02', '2026-06-01']::timestamp[]) WITH ORDINALITY d(d, n)
        WHERE (i + n) % 3 > 0;
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            orders: { extract: { from: shop, table: shop.orders, key: id, time: ordered_at, time_zone: \(zone) } }
            f:
              features:
                entity: users.user_id
                windows: [30d]
                from: { orders: { windowed: { orders: count(*) } } }
            m:
              train:
                features: f
                label: { name: gone, from: orders, is: count(*) = 0, within: 5d, gap: 1d }
                cutoffs: { every: 30d, count: 2 }
          """, timezone: "Europe/Berlin")
      let ran = try await project.run()
      guard case .array(let cutoffs)? = ran.result(of: "m")?.details["cutoffs"] else {
        Issue.record("no cutoffs: \(ran.outcome.error ?? "")")
        return
      }
      #expect(cutoffs.count == 3)
      for cutoff in cutoffs {
        let at = try #require(cutoff["as_of"]?.string)
        let expected = try await project.rows(
          """
          SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
            SELECT FROM shop.orders o, LATERAL (SELECT '\(at)'::timestamptz AT TIME ZONE 'Europe/Berlin') c(c)
            WHERE o.user_id = u.user_id
              AND o.ordered_at AT TIME ZONE '\(zone)' >= (c.c + interval '1 day') AT TIME ZONE 'Europe/Berlin'
              AND o.ordered_at AT TIME ZONE '\(zone)' < (c.c + interval '6 days') AT TIME ZONE 'Europe/Berlin'))
          FROM shop.users u
          """)
        guard case .integer(let rows)? = cutoff["rows"],
          case .integer(let positives)? = cutoff["positives"]
        else {
          Issue.record("no counts in \(cutoff)")
          return
        }
        #expect(expected == ["(\(rows),\(positives))"], "\(at)")
      }
    }
  }

  @Test func `a zone without a use is said`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined, time_zone: Asia/Tokyo } }
          """)
      let found = try await project.check()
      #expect(
        found.text.contains(
          "warning[R0430]: 'time_zone' changes nothing: no column is a time without a zone"),
        "\(found.text)")
    }
  }
}
