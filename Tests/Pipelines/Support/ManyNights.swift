import PostgresClient

/// Published nights as years leave them, made by SQL in seconds out of one that was run.
extension TestProject {
  /// Adds nights after the latest, of tables of schema `marketing` that run 1 published.
  func pretend(nights: Int, tables: [String]) async throws {
    let names = tables.map { "'\($0)'" }.joined(separator: ", ")
    // A transaction for each night: all of them would need more locks than a server has.
    try await sql(
      """
      CREATE PROCEDURE public.pretend(nights int) LANGUAGE plpgsql AS $$
      DECLARE
        r bigint; a timestamptz; t text; part text; columns text; id bigint;
        owner text := (SELECT pg_get_userbyid(relowner) FROM pg_class
          WHERE oid = 'roost.runs'::regclass);
      BEGIN
        FOR i IN 1..nights LOOP
          EXECUTE format('SET LOCAL ROLE %I', owner);
          INSERT INTO roost.runs (pipeline, as_of, state, publishes, finished_at)
          SELECT pipeline, (SELECT max(as_of) FROM roost.runs) + interval '1 day', 'succeeded', true, now()
          FROM roost.runs WHERE run_id = 1 RETURNING run_id, as_of INTO r, a;
          FOREACH t IN ARRAY ARRAY[\(names)]::text[] LOOP
            part := format('marketing_%s_r%s_1', t, r);
            columns := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
              WHERE attrelid = format('roost_data.marketing_%s', t)::regclass AND attnum > 2);
            EXECUTE format('CREATE TABLE roost_data.%I (LIKE roost_data.%I)', part, 'marketing_' || t);
            EXECUTE format('INSERT INTO roost_data.%I SELECT %L, %s, %s FROM roost_data.%I',
              part, a, r, columns, format('marketing_%s_r1_1', t));
            EXECUTE format('CREATE UNIQUE INDEX ON roost_data.%I (user_id)', part);
            EXECUTE format('ANALYZE roost_data.%I', part);
            EXECUTE format('ALTER TABLE roost_data.%I ATTACH PARTITION roost_data.%I '
              'FOR VALUES FROM (%L, %s) TO (%L, %s)', 'marketing_' || t, part, a, r, a, r + 1);
            INSERT INTO roost.row_tables VALUES ('roost_data.' || part, 'marketing.' || t, r, 1);
            INSERT INTO roost.publications (target, as_of, run_id, rows, before_run, rows_in)
            SELECT target, a, r, rows, r - 1, 'roost_data.' || part FROM roost.publications
            WHERE run_id = 1 AND target = 'marketing.' || t RETURNING publication_id INTO id;
            UPDATE roost.current_publications SET publication_id = id WHERE target = 'marketing.' || t;
            INSERT INTO roost.loads (run_id, target, stage, loaded_in, definition, rows)
            SELECT r, target, stage, 'roost_data.' || part, definition, rows FROM roost.loads
            WHERE run_id = 1 AND target = 'marketing.' || t;
          END LOOP;
          COMMIT;
        END LOOP;
      END $$
      """)
    try await sql("CALL public.pretend(\(nights))")
    try await sql("ANALYZE roost.publications")
    try await sql("DROP PROCEDURE public.pretend")
  }
}
