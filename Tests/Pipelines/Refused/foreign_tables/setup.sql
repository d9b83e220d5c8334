CREATE EXTENSION postgres_fdw;
DO $$ BEGIN
  EXECUTE format('CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host %L, port %L, dbname %L)', split_part(current_setting('unix_socket_directories'), ',', 1),
    current_setting('port'), current_database());
END $$;
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (user 'postgres');
CREATE FOREIGN TABLE shop.far (id int8, at timestamptz) SERVER elsewhere;
CREATE VIEW shop.behind AS SELECT id, at FROM shop.far;
GRANT SELECT ON shop.far, shop.behind TO PUBLIC;
