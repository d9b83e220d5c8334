SELECT order_id, user_id, amount::numeric AS amount, city, ordered_at FROM shop.orders
