SELECT order_id, user_id, ordered_at, row_number() OVER (PARTITION BY user_id ORDER BY ordered_at) AS nth FROM shop.orders
