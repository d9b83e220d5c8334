-- Revenue, day by day.
BEGIN;
DELETE FROM marketing.revenue;
SAVEPOINT before;
PREPARE TRANSACTION 'revenue';
VACUUM marketing.revenue;
CREATE UNIQUE INDEX CONCURRENTLY ON marketing.revenue (day);
COPY marketing.revenue FROM STDIN;
SET search_path TO marketing;
SET LOCAL work_mem = '64MB';
SET LOCAL ROLE admin;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
RESET ALL;
CREATE DATABASE other;
COMMIT;
