SELECT o.order_id, o.ordered_at, o.user_id, u.user_id
FROM shop.orders o JOIN shop.users u USING (user_id)
