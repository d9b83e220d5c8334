CREATE SCHEMA marketing;
CREATE TABLE marketing.days (day timestamptz, sends bigint, amount numeric(12,2), more text);
CREATE VIEW marketing.shown AS SELECT day FROM marketing.days;
