SELECT order_id,
  ordered_on AS ordered_at
FROM shop.orders
