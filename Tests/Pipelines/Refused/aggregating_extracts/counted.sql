SELECT user_id, signed_up_at, (SELECT count(*) FROM shop.orders o WHERE o.user_id = u.user_id) AS orders FROM shop.users u
