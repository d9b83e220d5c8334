SELECT o.order_id, o.ordered_at
FROM shop.sends s JOIN shop.orders o USING (user_id)
