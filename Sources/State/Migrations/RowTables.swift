extension StateSchema {
  /// The tables that hold rows, by their names; views that show the right rows however old the plan of
  /// a statement is.
  static let rowTables =
    """
    CREATE TABLE roost.row_tables (
      name text PRIMARY KEY,
      target text NOT NULL,
      run_id bigint NOT NULL,
      attempt int NOT NULL);
    COMMENT ON TABLE roost.row_tables IS
      'The tables in roost_data that hold rows of one run, for as long as they are there.';
    COMMENT ON COLUMN roost.row_tables.name IS 'With its schema, unquoted.';
    CREATE INDEX ON roost.row_tables (run_id);
    INSERT INTO roost.row_tables (name, target, run_id, attempt)
    SELECT t.data_table || '_r' || n.run_id, t.target, n.run_id, coalesce(r.attempt, 0)
    FROM pg_class c
    CROSS JOIN LATERAL (
      SELECT substring(c.relname FROM '_r([0-9]{1,18})$')::bigint AS run_id) n
    JOIN roost.targets t
      ON t.data_table || '_r' || n.run_id = 'roost_data.' || c.relname
    LEFT JOIN roost.runs r ON r.run_id = n.run_id
    WHERE c.relnamespace = 'roost_data'::regnamespace AND c.relkind = 'r';
    INSERT INTO roost.row_tables (name, target, run_id, attempt)
    SELECT l.loaded_in, l.target, l.run_id, r.attempt FROM roost.loads l JOIN roost.runs r USING (run_id)
    WHERE l.definition->>'mode' <> 'snapshot'
      AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'roost_data'::regnamespace
        AND 'roost_data.' || c.relname = l.loaded_in)
    ON CONFLICT DO NOTHING;

    ALTER TABLE roost.publications ADD COLUMN rows_in text;
    COMMENT ON COLUMN roost.publications.rows_in IS 'The table in roost_data that holds the rows.';
    UPDATE roost.publications p SET rows_in = t.data_table || '_r' || p.run_id
    FROM roost.targets t WHERE t.target = p.target;
    ALTER TABLE roost.publications ALTER COLUMN rows_in SET NOT NULL;
    CREATE INDEX ON roost.publications (rows_in);

    ALTER TABLE roost.forgotten ADD COLUMN rows_in text;
    UPDATE roost.forgotten f SET rows_in = t.data_table || '_r' || f.run_id
    FROM roost.targets t WHERE t.target = f.target;
    ALTER TABLE roost.forgotten ALTER COLUMN rows_in SET NOT NULL;

    CREATE TABLE roost.forgotten_marks (mark int);
    COMMENT ON TABLE roost.forgotten_marks IS
      'Dead rows only, one for each time that something was forgotten. When VACUUM can remove them all, '
      'no snapshot is left that shows what was forgotten before.';

    ALTER TABLE roost.targets ADD COLUMN environment text;
    COMMENT ON COLUMN roost.targets.environment IS
      'The environment that publishes it, empty for the project''s own schemas; null where that is not known.';
    UPDATE roost.targets t SET environment = (
      SELECT r.environment FROM roost.publications p JOIN roost.runs r USING (run_id)
      WHERE p.target = t.target ORDER BY publication_id DESC LIMIT 1);

    """ + rowsOfViews
}
