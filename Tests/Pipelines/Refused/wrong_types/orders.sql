SELECT order_id, ordered_at FROM shop.orders
WHERE city > 5
