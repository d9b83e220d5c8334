import Testing

/// The SQL that `roost render` prints of stages that work in memory: run by a person in psql it gives the
/// rows that a run publishes.
@Suite struct RenderTests {
  private static let rows = """
    CREATE SCHEMA shop;
    CREATE TYPE shop.status AS ENUM ('placed', 'paid', 'cancelled');
    CREATE TABLE shop.users (user_id int8, joined timestamptz, region text);
    CREATE TABLE shop.orders (
      order_id int8, user_id int8, status shop.status, amount numeric(12,2), weight float8,
      city text, pieces text, at timestamp, loaded_at timestamptz, updated_at timestamptz);
    CREATE TABLE shop.returns (LIKE shop.orders);
    CREATE TABLE shop.prices (city text, since timestamptz, until timestamptz, fee numeric(6,2));
    SELECT setseed(0.25);
    INSERT INTO shop.users
    SELECT i, timestamptz '2026-01-01 00:00+00' + i * interval '1 day', 'r' || i % 3
    FROM generate_series(1, 40) i;
    INSERT INTO shop.orders
    SELECT i / 2, nullif(i % 45, 0), (ARRAY['placed', 'paid', 'cancelled'])[1 + i % 3]::shop.status,
      (random() * 20000)::int / 100.0, CASE i % 9 WHEN 0 THEN float8 'nan' ELSE i % 20 END,
      (ARRAY[' Kiel', 'Bonn ', 'bonn', NULL])[1 + i % 4],
      (ARRAY['1', ' 2 ', 'three', NULL, '4000000000'])[1 + i % 5],
      timestamp '2026-06-03 00:00' - random() * interval '90 days',
      timestamptz '2026-06-02 00:00+00' - random() * interval '80 days',
      timestamptz '2026-01-01 00:00+00' + i * interval '1 minute'
    FROM generate_series(2, 600) i;
    INSERT INTO shop.returns SELECT * FROM shop.orders WHERE order_id % 7 = 0;
    INSERT INTO shop.prices
    SELECT city, timestamptz '2026-01-01 00:00+00' + m * interval '30 days',
      CASE WHEN m < 5 THEN timestamptz '2026-01-01 00:00+00' + (m + 1) * interval '30 days' END, m
    FROM unnest(ARRAY['kiel', 'bonn']) city, generate_series(0, 5) m;
    """

  private static let stages = """
      users:
        extract:
          from: shop
          sql: "SELECT user_id, joined FROM shop.users; -- everybody"
          key: user_id
          time: joined
      orders:
        extract:
          from: shop
          table: shop.orders
          key: order_id
          time: at
          time_zone: Asia/Tokyo
          arrived: loaded_at
      returns:
        extract:
          from: shop
          table: shop.returns
          key: order_id
          time: at
          time_zone: Asia/Tokyo
          arrived: loaded_at
      prices:
        extract:
          from: shop
          table: shop.prices
          key: [city, since]
          valid_from: since
          valid_to: until
      cleaned:
        clean:
          input: orders
          steps:
            - deduplicate: { by: order_id, keep: latest, order: updated_at }
            - reject: { where: "amount < 5", reason: next to nothing }
            - set: { city: "lower(trim(city))", late: "status > 'placed'" }
            - cast: { to: { pieces: integer }, otherwise: "null" }
            - fill: { column: weight, from: median }
            - clip: { column: amount, to: [p1, p95] }
            - compare: { column: amount, to: mean, by: city, as: amount_index }
      returned:
        clean:
          input: returns
          steps: [ deduplicate: { by: order_id, keep: first, order: updated_at } ]
      sold:
        clean:
          input: orders
          steps: [ deduplicate: { by: order_id, order: updated_at } ]
      both: { union: { inputs: [sold, returned], source: kind } }
      priced:
        join: { left: cleaned, right: prices, on: city, as_of: at, columns: [fee] }
      habits:
        features:
          entity: users.user_id
          windows: [30d]
          from:
            cleaned:
              where: "status <> 'cancelled'"
              windowed: { orders: count(*), spend: sum(amount) }
              ever: { last_city: last(city), days: days_since(max(at)) }
          derived: { mean_spend: "spend_30d / nullif(orders_30d, 0)" }
      groups:
        segment:
          input: [habits, users]
          rfm: { recency: days, frequency: orders_30d, monetary: mean_spend }
          rules:
            - { name: best, when: "r >= 4 and m >= 4" }
            - { name: bonns, when: "last_city = 'bonn' or users.joined < as_of - interval '140 days'" }
            - { name: lost, when: "f = 1 and r < 3" }
          otherwise: others
      write_groups: { write: { input: groups, table: marketing.groups, key: user_id } }
      write_cleaned: { write: { input: cleaned, table: marketing.cleaned, key: order_id } }
      write_both: { write: { input: both, table: marketing.both, key: [order_id, kind] } }
      write_priced: { write: { input: priced, table: marketing.priced, key: order_id } }
      write_habits: { write: { input: habits, table: marketing.habits, key: user_id } }
    """

  @Test func `it makes the rows that a run publishes`() async throws {
    try await withProject(timezone: "Europe/Berlin") { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages)
      let asOf = "2026-06-01"
      let ended = try await project.program.run("run", "pipeline.yaml", "--as-of", asOf)
      #expect(ended.status == 0, "\(ended.errors)")
      for stage in ["cleaned", "both", "priced", "habits", "groups"] {
        let rendered = try await project.program.run(
          "render", "pipeline.yaml", stage, "--as-of", asOf)
        #expect(rendered.status == 0, "\(rendered.errors)")
        #expect(rendered.output.hasPrefix("-- the rows of \(stage) as of 2026-06-01"))
        try await project.sql(
          "SET timezone = 'Europe/Berlin'; CREATE TABLE public.\(stage) AS \(rendered.output)")
        let columns = try await project.texts(
          """
          SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
          FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '\(stage)'
          """)
        let list = try #require(columns.first)
        let (theirs, ours) = (
          "SELECT \(list) FROM public.\(stage)", "SELECT \(list) FROM marketing.\(stage)_current"
        )
        for (a, b) in [(theirs, ours), (ours, theirs)] {
          let differing = try await project.texts(
            "SELECT (to_jsonb(d))::text FROM (\(a) EXCEPT ALL \(b)) d LIMIT 3")
          #expect(differing.isEmpty, "\(stage): \(differing)")
        }
        #expect(try await project.count("marketing.\(stage)_current") > 20)
      }
    }
  }

  @Test func `what no SQL says is named, with what to do instead`() async throws {
    try await withProject { project in
      try await project.sql(
        "CREATE SCHEMA shop; CREATE TABLE shop.users (id int8, joined timestamptz, phone text)")
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: id, time: joined } }
            people: { clean: { input: users, steps: [ normalize: { columns: phone, form: phone } ] } }
          """)
      let rendered = try await project.program.run("render", "pipeline.yaml", "people")
      #expect(rendered.status == 2 && rendered.output.isEmpty)
      #expect(
        rendered.errors.contains(
          "the rows of stage 'people' cannot be said in SQL: normalize phone: the form of telephone "
            + "numbers; look at them with roost preview"), "\(rendered.errors)")
    }
  }
}
