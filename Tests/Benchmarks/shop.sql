-- A shop for benchmarks: the same rows for the same number of users (psql -v users=N), in the order in
-- which a shop would have written them. About 10 orders and 50 events a user.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS shop CASCADE;
CREATE SCHEMA shop;

-- A number from 0 to 1 that depends on a place and a seed only.
CREATE FUNCTION shop.h(place int8, seed int8) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT (hashint8extended(place, seed) & 1048575)::float8 / 1048576 $$;

CREATE TABLE shop.users (
  user_id int8 PRIMARY KEY, signed_up_at timestamptz NOT NULL, city text, level int4 NOT NULL,
  left_at timestamptz NOT NULL);
-- Some leave at some point of their time here; the others stay.
INSERT INTO shop.users
SELECT i, signed_up_at, (ARRAY['Shanghai', 'Beijing', ' shenzhen', 'HANGZHOU', NULL])[1 + i % 5],
  1 + (i % 7)::int4,
  signed_up_at + (timestamptz '2026-06-01 00:00+00' - signed_up_at)
    * (CASE WHEN shop.h(i, 2) < 0.45 THEN 0.1 + 0.9 * shop.h(i, 3) ELSE 1 END)
FROM (SELECT i, timestamptz '2026-06-01 00:00+00' - interval '720 days' * shop.h(i, 1) AS signed_up_at
  FROM generate_series(1, :users::int8) i) s;

CREATE TABLE shop.orders (
  order_id int8 PRIMARY KEY, user_id int8 NOT NULL, ordered_at timestamptz NOT NULL,
  status text NOT NULL, channel text, amount numeric(12,2) NOT NULL, discount numeric(12,2) NOT NULL,
  items int4 NOT NULL, updated_at timestamptz NOT NULL);
INSERT INTO shop.orders
SELECT row_number() OVER (ORDER BY ordered_at, i), user_id, ordered_at,
  (ARRAY['paid', 'completed', 'completed', 'completed', 'cancelled'])[1 + i % 5],
  (ARRAY['app', 'web', 'store', NULL])[1 + i % 4],
  round((5 + 200 * shop.h(i, 6) * (1 + level))::numeric, 2),
  CASE WHEN i % 3 = 0 THEN round((20 * shop.h(i, 7))::numeric, 2) ELSE 0 END, 1 + (i % 4)::int4,
  ordered_at + interval '1 hour'
FROM (SELECT i, u.user_id, u.level,
    u.signed_up_at + (u.left_at - u.signed_up_at) * shop.h(i, 5) AS ordered_at
  FROM generate_series(1, 10 * :users::int8) i
  JOIN shop.users u ON u.user_id = 1 + floor(:users * shop.h(i, 4)))
  s;

CREATE TABLE shop.events (
  event_id int8 PRIMARY KEY, user_id int8 NOT NULL, occurred_at timestamptz NOT NULL,
  kind text NOT NULL, category int4 NOT NULL, seconds float8 NOT NULL);
INSERT INTO shop.events
SELECT row_number() OVER (ORDER BY occurred_at, i), user_id, occurred_at,
  (ARRAY['view', 'view', 'view', 'view', 'search', 'cart', 'like'])[1 + i % 7],
  (i % 23)::int4, round((300 * shop.h(i, 10))::numeric, 1)::float8
FROM (SELECT i, u.user_id,
    u.signed_up_at + (u.left_at - u.signed_up_at) * shop.h(i, 9) AS occurred_at
  FROM generate_series(1, 50 * :users::int8) i
  JOIN shop.users u ON u.user_id = 1 + floor(:users * shop.h(i, 8)))
  s;

CREATE TABLE shop.complaints (
  complaint_id int8 PRIMARY KEY, user_id int8 NOT NULL, opened_at timestamptz NOT NULL,
  topic text NOT NULL);
INSERT INTO shop.complaints
SELECT row_number() OVER (ORDER BY opened_at, i), user_id, opened_at,
  (ARRAY['late', 'broken', 'refund'])[1 + i % 3]
FROM (SELECT i, u.user_id,
    u.signed_up_at + (u.left_at - u.signed_up_at) * (0.5 + 0.5 * shop.h(i, 12)) AS opened_at
  FROM generate_series(1, :users::int8 / 5) i
  JOIN shop.users u ON u.user_id = 1 + floor(:users * shop.h(i, 11)))
  s;

VACUUM ANALYZE shop.users, shop.orders, shop.events, shop.complaints;
CHECKPOINT;
