CREATE EXTENSION file_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE shop.far (id int8, at timestamptz) SERVER elsewhere OPTIONS (filename '/dev/null');
CREATE VIEW shop.behind AS SELECT id, at FROM shop.far;
GRANT SELECT ON shop.far, shop.behind TO PUBLIC;
