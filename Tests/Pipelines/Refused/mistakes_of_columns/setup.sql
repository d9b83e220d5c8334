CREATE TABLE shop.levels (user_id bigint, level int);
