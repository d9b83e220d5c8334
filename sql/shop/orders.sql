-- Orders as the sources delivered them: duplicates and other faults are for the clean stage.
SELECT
  order_id,
  user_id,
  status,
  amount,
  discount,
  city,
  channel,
  ordered_at,
  updated_at,
  loaded_at
FROM shop.orders
