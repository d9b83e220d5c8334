import PipelineFiles
import PostgresClient

/// Schema `roost` of the state connection: made on first use and migrated forward.
public struct StateSchema {
  /// Each entry takes the schema one version further. Never changed once released; only added to.
  static let migrations = [
    """
    CREATE TABLE roost.runs (
      run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      pipeline text NOT NULL,
      environment text NOT NULL DEFAULT '',
      as_of timestamptz NOT NULL,
      state text NOT NULL CHECK (state IN
        ('running', 'succeeded', 'failed', 'blocked', 'cancelled', 'lost')),
      token bigint NOT NULL DEFAULT 1,
      publishes boolean NOT NULL,
      started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      finished_at timestamptz,
      snapshots jsonb NOT NULL DEFAULT '{}',
      error text);
    COMMENT ON TABLE roost.runs IS 'One execution of a pipeline for one as-of.';
    COMMENT ON COLUMN roost.runs.environment IS 'Empty for the project''s own schemas.';
    COMMENT ON COLUMN roost.runs.token IS
      'Fencing token: whoever does not hold it may not publish.';
    COMMENT ON COLUMN roost.runs.snapshots IS 'The instant of each source''s snapshot.';
    CREATE INDEX ON roost.runs (pipeline, environment, as_of);

    CREATE TABLE roost.stages (
      run_id bigint NOT NULL REFERENCES roost.runs ON DELETE CASCADE,
      position int NOT NULL,
      stage text NOT NULL,
      kind text NOT NULL,
      state text NOT NULL CHECK (state IN
        ('waiting', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
      started_at timestamptz,
      finished_at timestamptz,
      rows bigint,
      notes text[] NOT NULL DEFAULT '{}',
      warnings text[] NOT NULL DEFAULT '{}',
      details jsonb NOT NULL DEFAULT '{}',
      error text,
      PRIMARY KEY (run_id, stage));
    COMMENT ON TABLE roost.stages IS 'What each stage of a run did.';

    CREATE TABLE roost.targets (
      target text PRIMARY KEY,
      data_table text NOT NULL UNIQUE,
      pipeline text NOT NULL,
      key text[] NOT NULL);
    COMMENT ON TABLE roost.targets IS 'Published tables and where in roost_data their rows are.';

    CREATE TABLE roost.publications (
      publication_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      target text NOT NULL REFERENCES roost.targets,
      as_of timestamptz NOT NULL,
      run_id bigint NOT NULL,
      rows bigint NOT NULL,
      published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      superseded_at timestamptz);
    COMMENT ON TABLE roost.publications IS
      'Which run''s rows a table shows for an as-of: those that are not superseded.';
    CREATE UNIQUE INDEX ON roost.publications (target, as_of) WHERE superseded_at IS NULL;
    CREATE INDEX ON roost.publications (run_id);

    CREATE TABLE roost.current_publications (
      target text PRIMARY KEY REFERENCES roost.targets,
      publication_id bigint NOT NULL REFERENCES roost.publications);
    COMMENT ON TABLE roost.current_publications IS 'What the view <table>_current shows.';

    CREATE TABLE roost.holdings (
      name text PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('table', 'file')),
      entity_columns text[] NOT NULL);
    COMMENT ON TABLE roost.holdings IS
      'Where rows about entities are kept, so that a person can be forgotten everywhere.';
    """,
    """
    ALTER TABLE roost.runs ADD COLUMN zone text NOT NULL DEFAULT 'UTC';
    COMMENT ON COLUMN roost.runs.zone IS
      'The IANA name of the pipeline''s time zone, in which its as-of is read and shown.';
    """,
    attempts,
    publicationControl,
    schedules,
    rowTables,
    refusedChanges,
    manyRuns,
    whoRan,
    plannedInstants,
    lettingGo,
  ]

  package static var version: Int { migrations.count }

  private static let versions = """
    CREATE TABLE IF NOT EXISTS roost.schema_version (
      version int PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT clock_timestamp());
    """

  /// The oldest version that commands read which only ask. What they ask of later ones is asked so that an
  /// older one has no answer, rather than an error.
  private static let oldestReadable = 7

  /// Looks whether there is a schema that can be asked, and changes nothing.
  /// - Returns: false where there is none yet.
  /// - Throws: `StateError.newer`, `StateError.older`.
  package static func isReadable(_ connection: PostgresConnection) async throws -> Bool {
    let version = try await currentVersion(connection)
    guard version == 0 || version >= oldestReadable else {
      throw StateError.older(found: version, known: self.version)
    }
    return version > 0
  }

  /// What a schema lacks.
  public struct Lag: Sendable {
    /// Its version; 0 where there is none.
    public let found: Int
    public let known: Int
    /// The SQL that is missing, in its order.
    public let scripts: [String]
  }

  private static func lag(_ found: Int) -> Lag {
    guard found < version else { return Lag(found: found, known: version, scripts: []) }
    let scripts = (found..<version).map { next in
      migrations[next] + "\nINSERT INTO roost.schema_version (version) VALUES (\(next + 1));"
    }
    // All of it or nothing, whoever runs it and however.
    return Lag(
      found: found, known: version,
      scripts: ["BEGIN;\n\(turn);"] + (found == 0 ? [makingSchemas + versions] : []) + scripts
        + ["COMMIT;"])
  }

  /// One migration at a time: two first runs at once must not both make the schema.
  private static let turn =
    "SELECT pg_advisory_xact_lock(hashtextextended('roost.schema', 0))"
  /// What stands is left alone: IF NOT EXISTS would ask for the right to make schemas even then.
  private static let makingSchemas = """
    DO $$ BEGIN
      IF to_regnamespace('roost') IS NULL THEN CREATE SCHEMA roost; END IF;
      IF to_regnamespace('roost_data') IS NULL THEN CREATE SCHEMA roost_data; END IF;
    END $$;

    """

  /// What brings the schema to this version; changes nothing.
  /// - Throws: `StateError.newer`, `PostgresError`.
  public static func lag(in database: ConnectionString) async throws -> Lag {
    try await asking(database) { connection in
      let found = try await currentVersion(connection)
      return lag(found)
    }
  }

  /// Brings the schema to this version.
  /// - Returns: what it lacked.
  /// - Throws: `StateError.newer`, `PostgresError`.
  public static func migrate(_ database: ConnectionString) async throws -> Lag {
    try await asking(database) { connection in
      let found = try await currentVersion(connection)
      try await migrate(connection)
      return lag(found)
    }
  }

  private static func asking<Value: Sendable>(
    _ database: ConnectionString, _ ask: (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    let connection = try await PostgresConnection.connect(
      to: database, options: ConnectionOptions(settings: StateSession.guards))
    do {
      let value = try await ask(connection)
      await connection.close()
      return value
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Brings the schema to this version.
  /// - Throws: `StateError.newer` where a newer roost made it.
  package static func migrate(_ connection: PostgresConnection) async throws {
    if try await currentVersion(connection) == version { return }
    // Readers of what is published use tables of the schema, and others queue behind a change that waits.
    try await LockPatience().retrying(on: connection) { database in
      try database.query(turn)
      for schema in ["roost", "roost_data"] { try database.makeSchema(schema) }
      try database.execute(versions)
      let found = try found(database)
      guard found <= version else { throw StateError.newer(found: found, known: version) }
      for next in found..<version {
        let script = migrations[next]
        try LockPatience().change(
          QualifiedName(schema: "roost", name: "publications"), of: "schema roost", on: database
        ) { database throws(PostgresError) in
          try database.execute(script: script)
        }
        try database.execute(
          "INSERT INTO roost.schema_version (version) VALUES ($1)", [Parameter(next + 1)])
      }
    }
  }

  /// The version of the schema; 0 where there is none.
  private static func currentVersion(_ connection: PostgresConnection) async throws -> Int {
    let exists = try await connection.query(
      "SELECT to_regclass('roost.schema_version') IS NOT NULL AS found")
    guard try exists.first?.bool("found") == true else { return 0 }
    let rows = try await connection.query(
      "SELECT coalesce(max(version), 0) AS version FROM roost.schema_version")
    let version = try rows.first?.int("version") ?? 0
    guard version <= self.version else {
      throw StateError.newer(found: version, known: self.version)
    }
    return version
  }

  private static func found(_ database: isolated PostgresConnection) throws -> Int {
    try database.query("SELECT coalesce(max(version), 0) AS version FROM roost.schema_version")
      .first?.int("version") ?? 0
  }
}
