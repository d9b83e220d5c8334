import Testing

/// Cast, normalize and the quarantine against Postgres.
@Suite struct CleanValuesTests {
  /// What Postgres reads, or null where it refuses. Dates are read here in ISO's forms only, and
  /// numbers in decimal digits.
  private static let witness = #"""
    CREATE FUNCTION reads(value text, type text) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE result text;
    BEGIN
      IF value LIKE '%BC' OR value ~ '^\s*\d+\.' AND type IN ('date', 'timestamptz')
        OR value LIKE '0x%' THEN RETURN NULL;
      END IF;
      EXECUTE format('SELECT (%L::%s)::text', value, type) INTO result;
      RETURN result;
    EXCEPTION WHEN data_exception THEN RETURN NULL;
    END $$;
    """#

  private static let texts = """
    CREATE SCHEMA shop;
    SELECT setseed(0.25);
    CREATE TABLE shop.rows AS
    SELECT i::int8 AS id, timestamptz '2026-01-01 00:00+00' AS at,
      CASE WHEN i <= array_length(known, 1) THEN known[i]
        ELSE (SELECT string_agg(pieces[1 + floor(random() * array_length(pieces, 1))::int + 0 * g], '')
          FROM generate_series(1, (i % 5) + 1) g) END AS a
    FROM generate_series(1, 4000) i, (SELECT
      ARRAY['1', ' 12.345 ', '-0.005', '1e3', '9999999999.994', '9999999999.995', '2147483648', '',
        ' ', '0x10', '1_000', '+7', 'Infinity', '2026-02-29', '2024-02-29', '20260131', '2026-1-5',
        '0044-03-15 BC', '2026-13-01', 'infinity', '12:30', '2026-01-02 03:04:05.678901+08', 'yes',
        'TRUE', 'of', 'off', 'o', 't', '1.5.2', '--1', '1e400', '1e-400',
        'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'] AS known,
      ARRAY['1', '2', '0', '9', '-', '.', 'e', ' ', '2026-01-', 'Ａ', '１', 'ｶ', 'ﾞ', 'e', U&'\\0301',
        U&'\\3000', 'ﬁ', '한', U&'\\1112\\1161', 'Ä', 'ß', '㍿', '①', '½', 'x', 'É', 'ǅ'] AS pieces) p;
    """

  @Test func `cast and normalize give what Postgres gives`() async throws {
    try await withProject { project in
      try await project.sql(Self.witness + Self.texts)
      try project.write(
        stages: """
            rows: { extract: { from: shop, table: shop.rows, key: id, time: at } }
            clean:
              clean:
                input: rows
                steps:
                  - set:
                      { n: a, i: a, d: a, b: a, f: a, ts: a, u: a, nfc: a, nfkc: a, low: a, blank: a }
                  - cast:
                      to:
                        { n: "numeric(12,2)", i: int, d: date, b: bool, f: float8, ts: timestamptz,
                          u: uuid }
                  - normalize: { columns: nfc, form: nfc }
                  - normalize: { columns: nfkc, form: nfkc }
                  - normalize: { columns: low, trim: true, case: lower }
                  - normalize: { columns: blank, trim: true, form: nfkc }
            publish: { write: { input: clean, table: marketing.clean, key: id } }
          """)
      let ran = try await project.run()
      // The zone of the session is that of the pipeline.
      try await project.sql("SET timezone = 'UTC'")
      let types = [
        ("n", "numeric(12,2)"), ("i", "int"), ("d", "date"), ("b", "bool"), ("f", "float8"),
        ("ts", "timestamptz"), ("u", "uuid"),
      ]
      for (column, type) in types {
        let wrong = try await project.difference(
          "SELECT id, a, \(column)::text FROM marketing.clean_current",
          "SELECT id, a, reads(a, '\(type)') FROM shop.rows")
        #expect(wrong == [], "\(type)")
        #expect(
          try await project.count("marketing.clean_current WHERE \(column) IS NOT NULL") > 0)
      }
      let otherForms = try await project.difference(
        "SELECT id, nfc, nfkc, low, blank FROM marketing.clean_current",
        """
        SELECT id, normalize(a, NFC), normalize(a, NFKC),
          lower(btrim(a, U&' \\3000') COLLATE "C.utf8"), btrim(normalize(a, NFKC), ' ')
        FROM shop.rows
        """)
      #expect(otherForms == [])
      let failed = try await project.text(
        "SELECT count(*) FROM shop.rows WHERE a IS NOT NULL AND reads(a, 'date') IS NULL")
      #expect(
        ran.result(of: "clean")?.notes.contains { $0.contains("\(failed ?? "?") of d") } == true)
    }
  }

  @Test func `rejected rows are published with their keys and reasons`() async throws {
    try await withProject { project in
      try await project.sql(Self.witness + Self.texts)
      try project.write(
        stages: """
            rows: { extract: { from: shop, table: shop.rows, key: id, time: at } }
            clean:
              clean:
                input: rows
                steps:
                  - reject: { where: "a = ''", reason: empty }
                  - cast: { to: { a: float8 }, otherwise: reject }
                quarantine: marketing.rejected
            publish: { write: { input: clean, table: marketing.clean, key: id } }
          """)
      try await project.run()
      #expect(
        try await project.difference(
          "SELECT id, stage, reason FROM marketing.rejected_current",
          """
          SELECT id, 'clean', CASE WHEN a = '' THEN 'empty' ELSE 'a is no double precision' END
          FROM shop.rows WHERE reads(a, 'float8') IS NULL
          """) == [])
      #expect(
        try await project.texts(
          "SELECT DISTINCT run_id FROM marketing.rejected UNION SELECT run_id FROM marketing.clean"
        ).count == 1)
      // What another has taken is said before a run.
      try project.write(
        stages: """
            rows: { extract: { from: shop, table: shop.rows, key: id, time: at } }
            clean:
              clean:
                input: rows
                steps: [ { reject: { where: "a = ''", reason: empty } } ]
                quarantine: shop.rows
            other:
              clean:
                input: rows
                steps: [ { reject: { where: "a = ''", reason: empty } } ]
                quarantine: marketing.clean
            publish: { write: { input: clean, table: marketing.clean, key: id } }
          """)
      let messages = try await project.check().errors.map(\.message)
      #expect(
        messages.contains("shop.rows or shop.rows_current exists and is not roost's"))
      #expect(
        messages.contains("stages 'other' and 'publish' both publish marketing.clean"))
    }
  }
}
