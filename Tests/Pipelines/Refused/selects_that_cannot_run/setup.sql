CREATE MATERIALIZED VIEW shop.unfilled AS SELECT user_id FROM shop.users WITH NO DATA;
CREATE SEQUENCE shop.numbers;
CREATE VIEW shop.numbered AS SELECT user_id, nextval('shop.numbers') AS n FROM shop.users;
CREATE TABLE shop.words (user_id int8, "update" timestamptz, no int, key int, share text, tags text[]);
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '/nowhere');
CREATE FOREIGN TABLE shop.remote (user_id int8) SERVER elsewhere;
