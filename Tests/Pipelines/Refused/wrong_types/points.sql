SELECT user_id, signed_up_at AS at, point(1, 2) AS place FROM shop.users
