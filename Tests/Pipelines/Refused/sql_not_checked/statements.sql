CREATE INDEX IF NOT EXISTS days_day ON marketing.days (day);
CREATE TEMPORARY TABLE recent ON COMMIT DROP AS SELECT * FROM shop.sends;
INSERT INTO marketing.days SELECT sent_at, count(*) FROM recent GROUP BY 1;
SELECT 1 FROM shop.users FOR UPDATE;
ANALYZE marketing.days;
CREATE TABEL x (y int);
