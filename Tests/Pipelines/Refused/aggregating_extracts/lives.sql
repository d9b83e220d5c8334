SELECT user_id, min(ordered_at) AS first_seen, max(ordered_at) AS last_seen, sum(weight) AS total, city FROM shop.orders WHERE ordered_at < :as_of GROUP BY 1, 5
