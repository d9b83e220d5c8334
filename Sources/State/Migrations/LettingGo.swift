extension StateSchema {
  /// What lets old rows go: what is asked about their age, who is told of runs, and what was forgotten
  /// of tables that stand.
  static let lettingGo = """
    ALTER TABLE roost.runs ADD COLUMN told_of text[];
    COMMENT ON COLUMN roost.runs.told_of IS
      'Of which kinds of alerts people are told; null where that is not known, and all are written.';

    ALTER TABLE roost.schedules ADD COLUMN cleared_at timestamptz;
    COMMENT ON COLUMN roost.schedules.cleared_at IS
      'When a scheduler last let go what is kept no longer of the pipeline.';

    CREATE TABLE roost.forgotten_merges (
      target text NOT NULL,
      pipeline text NOT NULL,
      first_as_of timestamptz NOT NULL,
      last_as_of timestamptz NOT NULL,
      PRIMARY KEY (target, pipeline));
    COMMENT ON TABLE roost.forgotten_merges IS
      'As-ofs whose rows of roost.merges were let go: what was added for one of them is not known any more.';

    CREATE INDEX runs_by_end ON roost.runs (pipeline, finished_at);
    CREATE INDEX alerts_by_age ON roost.alerts (pipeline, raised_at);
    CREATE INDEX merges_by_as_of ON roost.merges (pipeline, as_of);
    CREATE INDEX decisions_by_age ON roost.decisions (pipeline, made_at);
    CREATE INDEX backfills_of_pipeline ON roost.backfills (pipeline, backfill_id);
    CREATE INDEX publications_superseded ON roost.publications (target, as_of)
      WHERE superseded_at IS NOT NULL;
    """
}
