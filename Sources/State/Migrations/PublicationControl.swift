extension StateSchema {
  /// Runs that wait for a person's word, tables that stand, and what persons decided.
  static let publicationControl = """
    ALTER TABLE roost.runs ADD COLUMN held jsonb;
    COMMENT ON COLUMN roost.runs.held IS
      'Of a held run, what its publication needs beside its rows: SQL of stages, and who may read.';

    CREATE TABLE roost.loads (
      run_id bigint NOT NULL REFERENCES roost.runs ON DELETE CASCADE,
      target text NOT NULL,
      stage text NOT NULL,
      loaded_in text NOT NULL,
      definition jsonb NOT NULL,
      rows bigint,
      change jsonb,
      PRIMARY KEY (run_id, target));
    COMMENT ON TABLE roost.loads IS
      'What each run loaded for a table, and what that changes there.';
    COMMENT ON COLUMN roost.loads.rows IS 'Null until all rows are loaded.';

    CREATE TABLE roost.merges (
      target text NOT NULL,
      pipeline text NOT NULL,
      as_of timestamptz NOT NULL,
      run_id bigint NOT NULL,
      mode text NOT NULL CHECK (mode IN ('upsert', 'append', 'replace')),
      rows bigint NOT NULL,
      merged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (target, pipeline, as_of));
    COMMENT ON TABLE roost.merges IS
      'Which run wrote last into a table that roost did not make, for each as-of: so that none does twice.';

    CREATE TABLE roost.decisions (
      decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('approve', 'cancel', 'rollback')),
      pipeline text NOT NULL,
      environment text NOT NULL,
      run_id bigint NOT NULL,
      made_by text NOT NULL,
      made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      details jsonb NOT NULL DEFAULT '{}');
    COMMENT ON TABLE roost.decisions IS 'What persons decided about what is published.';

    ALTER TABLE roost.publications ADD COLUMN before_run bigint;
    COMMENT ON COLUMN roost.publications.before_run IS
      'The run whose rows readers saw before; null for the first publication.';
    UPDATE roost.publications p SET before_run = b.run_id
    FROM (SELECT publication_id, lag(run_id) OVER (PARTITION BY target ORDER BY publication_id)
      AS run_id FROM roost.publications) b
    WHERE b.publication_id = p.publication_id;

    CREATE TABLE roost.forgotten (
      target text NOT NULL REFERENCES roost.targets,
      run_id bigint NOT NULL,
      forgotten_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
      PRIMARY KEY (target, run_id));
    COMMENT ON TABLE roost.forgotten IS
      'Rows that no pointer shows any more, until nobody can see them through an older snapshot.';
    """
}
