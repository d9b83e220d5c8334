-- Orders with Ümlauts: ä ö ü
SELECT order_id,
  ordered_at,
  amoutn
FROM shop.orders
