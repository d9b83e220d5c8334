SELECT send_id, sent_at, lower(user_id) AS who FROM shop.sends
