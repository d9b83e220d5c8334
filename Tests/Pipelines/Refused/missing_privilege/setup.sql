CREATE ROLE ROLE_NAME LOGIN;
GRANT USAGE ON SCHEMA shop TO ROLE_NAME;
GRANT SELECT ON shop.sends TO ROLE_NAME;
CREATE SCHEMA hidden;
CREATE TABLE hidden.users (user_id bigint, signed_up_at timestamptz);
