import PostgresClient
import TestSupport

/// A source that is changed all the time in ways that no snapshot hides. What each of its tables holds
/// stands in a ledger, which is written in the transaction that changes the table: so what a run has read
/// of both must agree.
enum ReadingShop {
  /// What is read and compared, by name: count and sum of `id`.
  static let names = [
    "plain", "swapped", "viewed", "kept", "parted", "heirs", "columns", "called", "proven",
    "looked",
  ]

  static let schema = """
    CREATE SCHEMA src;
    CREATE TABLE src.ledger (name text PRIMARY KEY, rows int8, total int8, since timestamptz);
    CREATE TABLE src.plain (id int8, at timestamptz) WITH (fillfactor = 10);
    CREATE INDEX plain_id ON src.plain (id);
    CREATE TABLE src.swapped (id int8, at timestamptz) WITH (fillfactor = 10);
    CREATE TABLE src.inner_table (id int8, at timestamptz);
    CREATE VIEW src.viewed AS SELECT id, at FROM src.inner_table WHERE id > 0;
    CREATE TABLE src.base (id int8, at timestamptz);
    CREATE MATERIALIZED VIEW src.kept AS SELECT id, at FROM src.base;
    CREATE TABLE src.parted (id int8, at timestamptz) PARTITION BY RANGE (id);
    CREATE TABLE src.parted_0 PARTITION OF src.parted FOR VALUES FROM (0) TO (1000);
    CREATE TABLE src.heirs (id int8, at timestamptz);
    CREATE TABLE src.heir () INHERITS (src.heirs);
    CREATE TABLE src.columns (id int8, other int8, at timestamptz);
    CREATE TYPE src.kind AS ENUM ('wanted', 'left');
    CREATE TABLE src.kinds (id int8, at timestamptz, kind src.kind);
    CREATE FUNCTION src.is_wanted(id int8) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN id > 0; END';
    CREATE VIEW src.called AS SELECT id, at FROM src.kinds
      WHERE src.is_wanted(id) AND kind::text = 'wanted';
    CREATE TABLE src.proof (id int8, at timestamptz, year int);
    CREATE TABLE src.proof_26 () INHERITS (src.proof);
    CREATE VIEW src.proven AS SELECT id, at FROM src.proof WHERE year = 25;
    CREATE TABLE src.hidden (id int8, at timestamptz);
    CREATE FUNCTION src.look() RETURNS TABLE (id int8, at timestamptz) LANGUAGE plpgsql STABLE AS
      'BEGIN RETURN QUERY SELECT h.id, h.at FROM src.hidden h; END';
    CREATE VIEW src.looked AS SELECT id, at FROM src.look();
    CREATE TABLE src.slow (id int8);
    INSERT INTO src.slow VALUES (1), (2);
    INSERT INTO src.ledger SELECT n, 0, 0, '2020-01-01' FROM unnest('{\(names.joined(separator: ","))}'::text[]) n;
    """ + names.compactMap { fill($0) }.joined(separator: "\n")
    + names.map(note).joined(separator: "\n")

  /// The slow stage comes first, so that the others are read some time after the snapshot.
  static let stages =
    """
      slow: { extract: { from: shop, sql: "SELECT id FROM src.slow, pg_sleep(0.03)", key: id, timeless: a test } }
      ledger: { extract: { from: shop, table: src.ledger, key: name, time: since } }

    """
    + names.map { name in
      let isShared = name == "viewed" || name == "heirs"
      // The order of a table's columns would be another one than was checked.
      let source =
        name == "columns" ? "sql: \"SELECT id, at FROM src.columns\"" : "table: src.\(name)"
      return """
          \(name): { extract: { from: shop, \(source), key: id, time: at\(isShared ? ", split_by: id" : "") } }
          write_\(name): { write: { input: \(name), table: marketing.\(name), key: id, max_drop: 100% } }
        """
    }.joined(separator: "\n") + """

        write_ledger: { write: { input: ledger, table: marketing.ledger, key: name } }
        write_slow: { write: { input: slow, table: marketing.slow, key: id } }
      """

  private static func rows(_ count: Int, from: Int = 1) -> String {
    "SELECT i, timestamptz '2020-01-01' FROM generate_series(\(from), \(from + count - 1)) i"
  }

  private static func fill(_ name: String, _ count: Int = 2000) -> String? {
    switch name {
    case "viewed": "INSERT INTO src.inner_table \(rows(count));"
    case "kept": "INSERT INTO src.base \(rows(count)); REFRESH MATERIALIZED VIEW src.kept;"
    case "parted": "INSERT INTO src.parted \(rows(min(count, 900)));"
    case "heirs": "INSERT INTO src.heir \(rows(count));"
    case "columns":
      "INSERT INTO src.columns (id, at, other) SELECT *, i + 10000 FROM (\(rows(count))) AS one;"
    case "called":
      """
      INSERT INTO src.kinds SELECT *, (CASE WHEN i % 3 = 0 THEN 'wanted' ELSE 'left' END)::src.kind
      FROM (\(rows(count))) AS one;
      """
    case "proven": "INSERT INTO src.proof SELECT *, 25 FROM (\(rows(count))) AS one;"
    case "looked": "INSERT INTO src.hidden \(rows(count));"
    default: "INSERT INTO src.\(name) \(rows(count));"
    }
  }

  /// Writes down what a table holds now.
  private static func note(_ name: String) -> String {
    """
    UPDATE src.ledger SET rows = (SELECT count(*) FROM src.\(name)),
      total = (SELECT coalesce(sum(id), 0) FROM src.\(name)) WHERE name = '\(name)';
    """
  }

  /// One change of a table, as a transaction or a command that stands alone.
  static func change(_ name: String, _ random: inout SeededGenerator) -> String {
    let count = Int.random(in: 500...3000, using: &random)
    let number = Int.random(in: 1...1_000_000_000, using: &random)
    func transaction(_ body: String) -> String { "BEGIN; \(body); \(note(name)) COMMIT" }
    let refill = fill(name, count) ?? ""
    switch (name, Int.random(in: 0..<6, using: &random)) {
    case ("plain", 0), ("swapped", 0): return "VACUUM FULL src.\(name)"
    case ("plain", 1): return "CLUSTER src.plain USING plain_id"
    case ("plain", 2):
      return transaction(
        "ALTER TABLE src.plain ALTER at TYPE timestamptz USING at + interval '1 hour'")
    case ("plain", 3):
      return transaction(
        "DELETE FROM src.plain WHERE id % 2 = 0; INSERT INTO src.plain \(rows(300, from: 10_000 + number))"
      )
    case ("plain", _): return transaction("TRUNCATE src.plain; \(refill)")
    case ("swapped", 1), ("swapped", 2):
      return transaction(
        """
        ALTER TABLE src.swapped RENAME TO swapped_\(number);
        CREATE TABLE src.swapped (id int8, at timestamptz) WITH (fillfactor = 10);
        \(refill) DROP TABLE src.swapped_\(number)
        """)
    case ("swapped", 3):
      return transaction(
        "DROP TABLE src.swapped; CREATE TABLE src.swapped (id int8, at timestamptz); \(refill)")
    case ("swapped", _): return transaction("TRUNCATE src.swapped; \(refill)")
    case ("viewed", 0): return "VACUUM FULL src.inner_table"
    case ("viewed", 1), ("viewed", 2):
      let least = Int.random(in: 0...200, using: &random)
      return transaction(
        "CREATE OR REPLACE VIEW src.viewed AS SELECT id, at FROM src.inner_table WHERE id > \(least)"
      )
    case ("viewed", 3):
      return transaction(
        """
        DROP VIEW src.viewed; ALTER TABLE src.inner_table RENAME TO inner_\(number);
        CREATE TABLE src.inner_table (id int8, at timestamptz); \(refill)
        CREATE VIEW src.viewed AS SELECT id, at FROM src.inner_table; DROP TABLE src.inner_\(number)
        """)
    case ("viewed", _): return transaction("TRUNCATE src.inner_table; \(refill)")
    case ("kept", _): return transaction("TRUNCATE src.base; \(refill)")
    case ("parted", 0), ("parted", 1):
      // So many that no two overlap.
      let low = 1000 * Int.random(in: 1...4_000_000_000, using: &random)
      return transaction(
        """
        CREATE TABLE src.parted_\(number) (id int8, at timestamptz);
        INSERT INTO src.parted_\(number) \(rows(100, from: low));
        ALTER TABLE src.parted ATTACH PARTITION src.parted_\(number)
          FOR VALUES FROM (\(low)) TO (\(low + 1000))
        """)
    // More go than come, so that a long proof does not grow slow.
    case ("parted", 2), ("parted", 3), ("parted", 4):
      return transaction(
        """
        DO $$ DECLARE part text; BEGIN
          SELECT inhrelid::regclass INTO part FROM pg_inherits
          WHERE inhparent = 'src.parted'::regclass AND inhrelid <> 'src.parted_0'::regclass LIMIT 1;
          IF part IS NOT NULL THEN
            EXECUTE format('ALTER TABLE src.parted DETACH PARTITION %s', part);
            EXECUTE format('DROP TABLE %s', part);
          END IF;
        END $$
        """)
    case ("parted", _): return transaction("TRUNCATE src.parted_0; \(refill)")
    case ("heirs", 0), ("heirs", 1):
      return transaction(
        """
        CREATE TABLE src.heir_\(number) (id int8, at timestamptz);
        INSERT INTO src.heir_\(number) \(rows(50, from: 10_000 + number));
        ALTER TABLE src.heir_\(number) INHERIT src.heirs
        """)
    case ("heirs", 2), ("heirs", 3):
      return transaction(
        """
        DO $$ DECLARE part text; BEGIN
          SELECT inhrelid::regclass INTO part FROM pg_inherits
          WHERE inhparent = 'src.heirs'::regclass AND inhrelid <> 'src.heir'::regclass LIMIT 1;
          IF part IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s NO INHERIT src.heirs', part);
            EXECUTE format('DROP TABLE %s', part);
          END IF;
        END $$
        """)
    case ("heirs", _): return transaction("TRUNCATE src.heir; \(refill)")
    default: return transaction(unlocked(name, refill, &random))
    }
  }

  /// Changes of which some need no more than a reader's lock, or none. Each of these spoils whatever
  /// reading it meets, so there are few.
  private static func unlocked(
    _ name: String, _ refill: String, _ random: inout SeededGenerator
  ) -> String {
    let number = Int.random(in: 1...1_000_000_000, using: &random)
    switch (name, Int.random(in: 0..<12, using: &random)) {
    case ("columns", 0), ("columns", 1):
      return """
        ALTER TABLE src.columns RENAME id TO old; ALTER TABLE src.columns RENAME other TO id;
        ALTER TABLE src.columns RENAME old TO other
        """
    case ("columns", _): return "TRUNCATE src.columns; \(refill)"
    case ("called", 0):
      return """
        CREATE OR REPLACE FUNCTION src.is_wanted(id int8) RETURNS bool LANGUAGE plpgsql AS
          'BEGIN RETURN id > \(number % 200); END'
        """
    case ("called", 1):
      return """
        ALTER TYPE src.kind RENAME VALUE 'wanted' TO 'x';
        ALTER TYPE src.kind RENAME VALUE 'left' TO 'wanted';
        ALTER TYPE src.kind RENAME VALUE 'x' TO 'left'
        """
    case ("called", _): return "TRUNCATE src.kinds; \(refill)"
    case ("proven", 0), ("proven", 1):
      return """
        ALTER TABLE src.proof_26 DROP CONSTRAINT IF EXISTS k; TRUNCATE src.proof; \(refill)
        INSERT INTO src.proof_26 SELECT id + 10000, at, 25 FROM ONLY src.proof;
        ALTER TABLE src.proof_26 ADD CONSTRAINT k CHECK (year = 26) NOT VALID
        """
    case ("proven", 2), ("proven", 3):
      return """
        INSERT INTO src.proof SELECT * FROM src.proof_26; DELETE FROM src.proof_26;
        DO $$ BEGIN
          IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'src.proof_26'::regclass) THEN
            ALTER TABLE src.proof_26 VALIDATE CONSTRAINT k;
          END IF;
        END $$
        """
    case ("proven", _): return "TRUNCATE ONLY src.proof; \(refill)"
    case ("looked", 0), ("looked", 1):
      return """
        ALTER TABLE src.hidden RENAME TO hidden_\(number);
        CREATE TABLE src.hidden (id int8, at timestamptz); \(refill)
        DROP TABLE src.hidden_\(number)
        """
    case ("looked", 2), ("looked", 3): return "TRUNCATE src.hidden; \(refill)"
    default: return "SELECT 1"
    }
  }
}
