-- Reads the columns that can be read and should be.
-- Left out: tags (type text[]).
SELECT
  number,
  member_id,
  status,
  total,
  purchased_at,
  loaded_at
FROM crm.purchases
