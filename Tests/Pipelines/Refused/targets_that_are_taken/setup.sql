CREATE SCHEMA marketing;
CREATE VIEW marketing.sends_current AS SELECT 1 AS one;
