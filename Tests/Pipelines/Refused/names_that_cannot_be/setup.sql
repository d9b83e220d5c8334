CREATE SCHEMA crm;
CREATE TYPE crm.mood AS ENUM ('good');
CREATE TABLE crm.ruled (user_id int8 PRIMARY KEY, may_mail bool);
CREATE RULE twice AS ON INSERT TO crm.ruled DO ALSO SELECT 1;
CREATE TABLE crm.copied (user_id int8 NOT NULL UNIQUE, may_mail bool);
CREATE PUBLICATION copies FOR TABLE crm.copied;
CREATE TABLE crm.excluded (user_id int8 PRIMARY KEY, may_mail bool);
