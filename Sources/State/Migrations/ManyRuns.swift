extension StateSchema {
  /// Indexes for what every command and every look of a scheduler asks, however many runs and ticks are
  /// kept.
  static let manyRuns = """
    CREATE INDEX runs_by_as_of ON roost.runs (pipeline, environment, as_of, run_id);
    DROP INDEX IF EXISTS roost.runs_pipeline_environment_as_of_idx;
    CREATE INDEX runs_of_pipeline ON roost.runs (pipeline, run_id);
    CREATE INDEX runs_unsettled ON roost.runs (state) WHERE state IN ('running', 'held', 'lost');
    CREATE INDEX ticks_open ON roost.ticks (pipeline, environment, as_of)
      WHERE state = 'waiting' OR is_parked;
    CREATE INDEX ticks_latest ON roost.ticks (environment, due_at DESC, pipeline);
    """
}
