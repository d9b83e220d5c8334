-- The database knows no key: rows that agree in what a key could be are numbered.
SELECT
  member_id,
  seen_at,
  row_number() OVER (
    PARTITION BY member_id, seen_at
  ) AS line
FROM crm.visits
