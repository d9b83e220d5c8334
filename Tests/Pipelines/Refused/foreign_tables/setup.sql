CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'elsewhere');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere;
CREATE FOREIGN TABLE shop.far (id int8, at timestamptz) SERVER elsewhere;
CREATE VIEW shop.behind AS SELECT id, at FROM shop.far;
GRANT SELECT ON shop.far, shop.behind TO PUBLIC;
