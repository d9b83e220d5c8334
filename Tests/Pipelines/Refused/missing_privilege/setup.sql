CREATE ROLE ROLE_NAME LOGIN;
GRANT USAGE ON SCHEMA shop TO ROLE_NAME;
GRANT SELECT ON shop.sends TO ROLE_NAME;
CREATE SCHEMA hidden;
CREATE TABLE hidden.users (user_id bigint, signed_up_at timestamptz);
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO "ROLE_NAME"', current_database()); END $$;
