CREATE SCHEMA trivial;
CREATE TABLE trivial.users AS
SELECT i::bigint AS user_id, 1::bigint AS x FROM generate_series(1, 10) i;
CREATE SCHEMA IF NOT EXISTS figures;
CREATE TABLE figures.trivial (
  tool text, shape text, stages int, seconds float8, run_seconds float8);
