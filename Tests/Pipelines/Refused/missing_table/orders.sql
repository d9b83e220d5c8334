SELECT o.order_id, o.ordered_at
FROM shop.orders o
JOIN shop.order_lines l USING (order_id)
