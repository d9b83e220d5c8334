extension StateSchema {
  /// What the views of published tables are made of.
  ///
  /// Which publication is shown, the snapshot of a statement decides. Its plan is made before that, and may
  /// be kept for long; so it may lack the table that the snapshot's pointer names. `planned_…` say what
  /// the pointers showed when the plan was made, so that Postgres plans and locks that table alone;
  /// `rows_of_…` give the rows that a plan is too old for. Both read as their owner: a reader needs no
  /// right on `roost` or `roost_data`, and must have none on the latter, which these functions are in.
  static let rowsOfViews = """
    CREATE TABLE roost.planner_mark ();
    COMMENT ON TABLE roost.planner_mark IS
      'Always empty. Opened whenever a plan is made, which makes the session look at what changed in the catalog.';

    -- Called immutable, so that they are called while a plan is made. What they say is checked against the
    -- statement's snapshot by what the views ask beside it.
    CREATE FUNCTION roost_data.planned_run(target text) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      PERFORM pg_relation_size('roost.planner_mark'::regclass);
      RETURN coalesce((SELECT p.run_id FROM roost.current_publications c
        JOIN roost.publications p USING (publication_id)
        WHERE c.target = planned_run.target), -1);
    END $$;
    COMMENT ON FUNCTION roost_data.planned_run IS 'The run that a plan is made for.';

    CREATE FUNCTION roost_data.planned_runs(target text) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      PERFORM pg_relation_size('roost.planner_mark'::regclass);
      RETURN coalesce((SELECT array_agg(p.run_id ORDER BY p.publication_id DESC)
        FROM roost.publications p
        WHERE p.target = planned_runs.target AND p.superseded_at IS NULL), '{-1}');
    END $$;
    COMMENT ON FUNCTION roost_data.planned_runs IS
      'The runs that a plan is made for, the one published last first.';

    CREATE FUNCTION roost_data.rows_in(like_row anyelement, target text, run bigint, name text, rows bigint)
    RETURNS SETOF anyelement
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      plain text := substr(name, length('roost_data.') + 1);
      columns text;
    BEGIN
      IF to_regclass('roost_data.' || quote_ident(plain)) IS NULL THEN
        RAISE EXCEPTION 'the rows of run % of % are gone: there is no table %', run, target, name
          USING ERRCODE = 'undefined_table', HINT = 'Somebody dropped it, or a standby replayed that it '
            'went. Run the pipeline again, or go back: roost rollback.';
      END IF;
      SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
      WHERE attrelid = (SELECT typrelid FROM pg_type WHERE oid = pg_typeof(like_row))
        AND attnum > 0 AND NOT attisdropped;
      RETURN QUERY EXECUTE format('SELECT %s FROM roost_data.%I', columns, plain);
      IF NOT FOUND AND rows > 0 THEN
        RAISE EXCEPTION 'the rows of run % of % are gone: % is empty, and % were published',
          run, target, name, rows
          USING ERRCODE = 'no_data_found', HINT =
            'Somebody emptied it. Run the pipeline again, or go back: roost rollback.';
      END IF;
    END $$;
    COMMENT ON FUNCTION roost_data.rows_in IS 'The rows of one run; an error where they are gone.';

    CREATE FUNCTION roost_data.rows_of_current(
      like_row anyelement, target text, planned bigint, is_planned boolean)
    RETURNS SETOF anyelement
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      shown record;
    BEGIN
      SELECT p.run_id, p.rows_in, p.rows INTO shown FROM roost.current_publications c
      JOIN roost.publications p USING (publication_id) WHERE c.target = rows_of_current.target;
      IF NOT FOUND OR shown.run_id = planned AND is_planned THEN RETURN; END IF;
      RETURN QUERY SELECT * FROM roost_data.rows_in(
        like_row, target, shown.run_id, shown.rows_in, shown.rows);
    END $$;
    COMMENT ON FUNCTION roost_data.rows_of_current IS
      'The rows that are shown, where the plan is for other ones.';

    CREATE FUNCTION roost_data.rows_of_history(
      like_row anyelement, target text, planned bigint[], is_last_planned boolean)
    RETURNS SETOF anyelement
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      shown record;
    BEGIN
      FOR shown IN
        SELECT p.run_id, p.rows_in, p.rows FROM roost.publications p
        WHERE p.target = rows_of_history.target AND p.superseded_at IS NULL
          AND (p.run_id <> ALL (planned) OR p.run_id = planned[1] AND NOT is_last_planned
            OR NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = to_regclass('roost_data.'
              || quote_ident(substr(p.rows_in, length('roost_data.') + 1)))))
      LOOP
        RETURN QUERY SELECT * FROM roost_data.rows_in(
          like_row, target, shown.run_id, shown.rows_in, shown.rows);
      END LOOP;
    END $$;
    COMMENT ON FUNCTION roost_data.rows_of_history IS
      'The rows of publications that the plan is not for.';

    GRANT EXECUTE ON FUNCTION roost_data.planned_run, roost_data.planned_runs,
      roost_data.rows_of_current, roost_data.rows_of_history TO PUBLIC;
    REVOKE EXECUTE ON FUNCTION roost_data.rows_in FROM PUBLIC;
    """
}
