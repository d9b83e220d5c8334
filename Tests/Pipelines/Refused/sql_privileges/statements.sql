INSERT INTO marketing.days SELECT sent_at, count(*) FROM shop.sends GROUP BY 1;
INSERT INTO marketing.days SELECT signed_up_at, count(*) FROM shop.users GROUP BY 1;
DELETE FROM marketing.days WHERE missing = 1;
INSERT INTO shop.sends (send_id) VALUES (1);
