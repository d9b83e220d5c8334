-- Clash of types.
UPDATE marketing.days SET sends = as_of FROM marketing.sends WHERE day = sent_at::date;
DELETE FROM marketing.days WHERE day > 5;
SELECT sent FROM marketing.days;
INSERT INTO marketing.days SELECT now()::date, 1, 2;
SELECT 1 FROM marketing.last;
SELECT 1 FROM marketing.nowhere;
SELECT 1 FROM shop.users WHERE user_id = $1;
SELCT 1;
INSERT INTO marketing.days VALUES ('2026-06-01', 1) ON CONFLICT (day) DO NOTHING;
