CREATE SCHEMA marketing;
CREATE TABLE marketing.foreign_table (a int);
CREATE VIEW marketing.some_current AS SELECT 1 AS a;
