CREATE TABLE shop.odd (id int8, price numeric, place point, at text, "two" int);
