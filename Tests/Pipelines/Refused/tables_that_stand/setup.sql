CREATE SCHEMA crm;
CREATE VIEW crm.shown AS SELECT 1::bigint AS user_id;
CREATE TABLE crm.misfits (
  user_id integer, email varchar(40), signed_up_at date, may_mail boolean GENERATED ALWAYS AS (true) STORED,
  owner text NOT NULL, country text NOT NULL DEFAULT 'de', as_of timestamptz NOT NULL);
CREATE UNIQUE INDEX ON crm.misfits (user_id) WHERE owner = 'me';
CREATE UNIQUE INDEX ON crm.misfits (user_id, owner);
CREATE TABLE crm.numbered (user_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, signed_up timestamptz);
CREATE TABLE crm.policed (user_id numeric(20,0) UNIQUE, signed_up_at timestamptz);
