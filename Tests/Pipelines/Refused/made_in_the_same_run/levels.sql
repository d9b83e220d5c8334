SELECT l.user_id, l.day
FROM marketing.levels l
