-- as of :nothing
SELECT order_id, ':nothing' AS text
FROM shop.orders
WHERE ordered_at < :as_fo AND amount::int > :limt;
