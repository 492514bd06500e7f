CREATE TABLE flyway_orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text NOT NULL);
INSERT INTO flyway_orders (item) SELECT 'item ' || g FROM generate_series(1, 10) g;
