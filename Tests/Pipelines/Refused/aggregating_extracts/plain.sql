SELECT order_id, user_id, ordered_at, weight * 2 AS double FROM shop.orders
