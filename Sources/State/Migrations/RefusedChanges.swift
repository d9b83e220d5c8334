extension StateSchema {
  /// What refuses changes of rows that are published. The tables get their triggers one by one, since
  /// one transaction that locks them all might need more locks than the server has.
  static let refusedChanges = """
    CREATE FUNCTION roost_data.keep_rows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'rows that roost has published are not changed: % of %.% is refused',
          TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run the pipeline again to publish '
          'other rows, or go back: roost rollback. Who has to change them all the same begins with '
          'ALTER TABLE ... DISABLE TRIGGER USER; roost check then says which publications are not whole.';
    END $$;
    COMMENT ON FUNCTION roost_data.keep_rows IS
      'Refuses INSERT, UPDATE, DELETE and TRUNCATE on the tables that hold published rows.';
    """
}
