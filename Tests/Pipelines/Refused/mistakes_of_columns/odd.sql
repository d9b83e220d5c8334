SELECT user_id, signed_up_at AS at, 1 AS run_id, 2 AS "a.b" FROM shop.users
