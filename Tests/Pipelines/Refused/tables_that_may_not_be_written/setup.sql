CREATE SCHEMA crm;
CREATE TABLE crm.users (user_id bigint PRIMARY KEY, signed_up_at timestamptz);
CREATE TABLE crm.log (user_id bigint, signed_up_at timestamptz, run_id bigint);
CREATE ROLE "ROLE_NAME" LOGIN;
GRANT USAGE ON SCHEMA shop, crm TO "ROLE_NAME";
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO "ROLE_NAME";
GRANT SELECT, INSERT ON crm.users, crm.log TO "ROLE_NAME";
ALTER TABLE crm.log ENABLE ROW LEVEL SECURITY;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO "ROLE_NAME"', current_database()); END $$;
