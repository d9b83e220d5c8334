extension StateSchema {
  /// For which as-of a plan is made: published tables are partitioned by it, so that a plan looks into one
  /// part of a table that has thousands.
  static let plannedInstants = """
    CREATE FUNCTION roost_data.planned_instant(target text) RETURNS timestamptz
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      PERFORM pg_relation_size('roost.planner_mark'::regclass);
      RETURN coalesce((SELECT p.as_of FROM roost.current_publications c
        JOIN roost.publications p USING (publication_id)
        WHERE c.target = planned_instant.target), '-infinity');
    END $$;
    COMMENT ON FUNCTION roost_data.planned_instant IS 'The as-of of the run that a plan is made for.';

    CREATE FUNCTION roost_data.planned_last(target text) RETURNS timestamptz
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      PERFORM pg_relation_size('roost.planner_mark'::regclass);
      RETURN coalesce((SELECT p.as_of FROM roost.publications p
        WHERE p.target = planned_last.target AND p.superseded_at IS NULL
        ORDER BY p.publication_id DESC LIMIT 1), '-infinity');
    END $$;
    COMMENT ON FUNCTION roost_data.planned_last IS
      'The as-of of the run that was published last, of those that a plan is made for.';

    GRANT EXECUTE ON FUNCTION roost_data.planned_instant, roost_data.planned_last TO PUBLIC;
    """
}
