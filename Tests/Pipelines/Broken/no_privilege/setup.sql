DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(2);
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'roost_no_privilege') THEN
    CREATE ROLE roost_no_privilege LOGIN;
  END IF;
END $$;
GRANT USAGE ON SCHEMA shop TO roost_no_privilege;
GRANT SELECT (order_id, ordered_at) ON shop.orders TO roost_no_privilege;
CREATE SCHEMA hidden;
CREATE TABLE hidden.orders (order_id int8, ordered_at timestamptz);
