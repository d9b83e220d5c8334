extension Outlived {
  /// What was written long ago for old as-ofs into tables that stand. The latest of each table stays: it keeps
  /// older as-ofs from overwriting it. Which as-ofs went is kept as one stretch for each table, within which
  /// nothing is added any more: what is there already cannot be told.
  static let merges = Outlived(
    least: .days(400),
    """
    WITH gone AS (
      DELETE FROM roost.merges WHERE (target, pipeline, as_of) IN (
        SELECT target, pipeline, as_of FROM roost.merges m
        WHERE pipeline = $1 AND as_of < $2 AND merged_at < $2
          AND EXISTS (SELECT FROM roost.merges n
            WHERE n.target = m.target AND n.pipeline = m.pipeline AND n.as_of > m.as_of AND n.as_of <= now())
        ORDER BY as_of LIMIT $3 FOR UPDATE SKIP LOCKED)
      RETURNING target, pipeline, as_of),
    kept AS (
      INSERT INTO roost.forgotten_merges AS f (target, pipeline, first_as_of, last_as_of)
      SELECT target, pipeline, min(as_of), max(as_of) FROM gone GROUP BY target, pipeline
      ON CONFLICT (target, pipeline) DO UPDATE SET
        first_as_of = least(f.first_as_of, excluded.first_as_of),
        last_as_of = greatest(f.last_as_of, excluded.last_as_of))
    SELECT 1 FROM gone
    """)
}
