extension StateSchema {
  /// Who makes a run, and how long it was worked at.
  static let whoRan = """
    ALTER TABLE roost.runs
      ADD COLUMN host text,
      ADD COLUMN pid int,
      ADD COLUMN roost_version text,
      ADD COLUMN made_by text,
      ADD COLUMN attempt_began_at timestamptz,
      ADD COLUMN worked interval NOT NULL DEFAULT '0';
    COMMENT ON COLUMN roost.runs.host IS 'The machine of the latest attempt.';
    COMMENT ON COLUMN roost.runs.pid IS 'Its process there.';
    COMMENT ON COLUMN roost.runs.roost_version IS 'The roost that it was.';
    COMMENT ON COLUMN roost.runs.made_by IS 'The operating system''s user who ran it.';
    COMMENT ON COLUMN roost.runs.attempt_began_at IS
      'When the latest attempt began, or its sources were read again.';
    COMMENT ON COLUMN roost.runs.worked IS
      'How long it was worked at before that: without the time in which nobody was at it.';
    """
}
