extension StateSchema {
  /// Attempts at runs and tries at stages; what happened, event by event.
  static let attempts = """
    ALTER TABLE roost.runs
      ADD COLUMN attempt int NOT NULL DEFAULT 1,
      ADD COLUMN selection text[],
      ADD COLUMN cancel_requested_at timestamptz,
      DROP CONSTRAINT runs_state_check,
      ADD CONSTRAINT runs_state_check CHECK (state IN
        ('running', 'succeeded', 'failed', 'blocked', 'held', 'cancelled', 'lost'));
    COMMENT ON COLUMN roost.runs.attempt IS 'How often it was begun or resumed.';
    COMMENT ON COLUMN roost.runs.selection IS
      'The stages that a partial run was to make; null for all.';
    COMMENT ON COLUMN roost.runs.cancel_requested_at IS 'When somebody asked that it end.';

    ALTER TABLE roost.stages
      ADD COLUMN tries int NOT NULL DEFAULT 0,
      ADD COLUMN is_reused boolean NOT NULL DEFAULT false,
      ADD COLUMN definition text,
      DROP CONSTRAINT stages_state_check,
      ADD CONSTRAINT stages_state_check CHECK (state IN
        ('waiting', 'running', 'retrying', 'succeeded', 'failed', 'skipped', 'cancelled'));
    COMMENT ON COLUMN roost.stages.tries IS 'How often it was tried in the latest attempt.';
    COMMENT ON COLUMN roost.stages.is_reused IS
      'Whether the latest attempt took its output from a checkpoint.';

    COMMENT ON COLUMN roost.stages.definition IS
      'Digest of what the stage says, so that it is known when that changed.';

    CREATE TABLE roost.events (
      event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      run_id bigint NOT NULL REFERENCES roost.runs ON DELETE CASCADE,
      attempt int NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      level text NOT NULL CHECK (level IN ('info', 'warning', 'error')),
      stage text,
      event text NOT NULL,
      message text NOT NULL DEFAULT '');
    COMMENT ON TABLE roost.events IS 'What happened in each run, in order.';
    CREATE INDEX ON roost.events (run_id, event_id);
    """
}
