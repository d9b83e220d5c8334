extension StateSchema {
  /// Schedules, the ledger of their ticks, backfills, and alerts that wait to be delivered.
  static let schedules =
    """
    CREATE TABLE roost.schedules (
      pipeline text NOT NULL,
      environment text NOT NULL DEFAULT '',
      file text NOT NULL,
      source text NOT NULL,
      definition text NOT NULL,
      considered_until timestamptz NOT NULL,
      looked_at timestamptz NOT NULL,
      PRIMARY KEY (pipeline, environment));
    COMMENT ON TABLE roost.schedules IS 'What the scheduler knows of each pipeline with a schedule.';
    COMMENT ON COLUMN roost.schedules.source IS
      'The pipeline''s file when it could last be read: it holds while the file is broken.';
    COMMENT ON COLUMN roost.schedules.definition IS
      'What decides when it is due; ticks before a change of it are not made up for.';
    COMMENT ON COLUMN roost.schedules.considered_until IS
      'All ticks that were due by then have a row.';
    COMMENT ON COLUMN roost.schedules.looked_at IS
      'When a scheduler last looked, give or take a minute.';

    CREATE TABLE roost.ticks (
      pipeline text NOT NULL,
      environment text NOT NULL DEFAULT '',
      as_of timestamptz NOT NULL,
      zone text NOT NULL,
      due_at timestamptz NOT NULL,
      finish_by timestamptz,
      state text NOT NULL CHECK (state IN ('waiting', 'begun', 'skipped')),
      origin text NOT NULL CHECK (origin IN ('on_time', 'late', 'caught_up')),
      reason text,
      run_id bigint,
      attempts int NOT NULL DEFAULT 0,
      tries int NOT NULL DEFAULT 0,
      next_try_at timestamptz,
      is_parked boolean NOT NULL DEFAULT false,
      PRIMARY KEY (pipeline, environment, as_of));
    CREATE INDEX ON roost.ticks (run_id);
    CREATE INDEX ON roost.ticks (pipeline, environment, due_at);
    COMMENT ON TABLE roost.ticks IS
      'The ledger: one row for each run that a schedule asks for. What became of a tick that is begun, its run says.';
    COMMENT ON COLUMN roost.ticks.attempts IS 'How often a run was begun for it.';
    COMMENT ON COLUMN roost.ticks.tries IS 'How often no run could be begun for it.';
    COMMENT ON COLUMN roost.ticks.is_parked IS
      'Its run was cancelled by a scheduler that shut down, and is to be made by the next.';

    CREATE TABLE roost.backfills (
      backfill_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      pipeline text NOT NULL,
      environment text NOT NULL DEFAULT '',
      first_as_of timestamptz NOT NULL,
      last_as_of timestamptz NOT NULL,
      step text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      finished_at timestamptz,
      cancelled_at timestamptz);
    COMMENT ON TABLE roost.backfills IS 'Lists of runs for past as-ofs.';
    CREATE TABLE roost.backfill_runs (
      backfill_id bigint NOT NULL REFERENCES roost.backfills ON DELETE CASCADE,
      as_of timestamptz NOT NULL,
      run_id bigint,
      PRIMARY KEY (backfill_id, as_of));
    CREATE INDEX ON roost.backfill_runs (run_id);

    CREATE TABLE roost.alerts (
      alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subject text NOT NULL UNIQUE,
      kind text NOT NULL,
      pipeline text,
      environment text NOT NULL DEFAULT '',
      as_of timestamptz,
      zone text,
      run_id bigint,
      message text,
      raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'delivered', 'unwanted', 'undeliverable')),
      delivered text[] NOT NULL DEFAULT '{}',
      attempts int NOT NULL DEFAULT 0,
      next_try_at timestamptz,
      trouble text);
    CREATE INDEX ON roost.alerts (alert_id) WHERE state = 'pending';
    COMMENT ON TABLE roost.alerts IS
      'What people are told: written with what it tells of, delivered by whoever looks next.';
    COMMENT ON COLUMN roost.alerts.subject IS 'What it is about: never told twice.';
    COMMENT ON COLUMN roost.alerts.delivered IS 'The ways by which it has arrived.';
    """
}
