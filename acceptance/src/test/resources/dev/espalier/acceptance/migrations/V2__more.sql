ALTER TABLE flyway_orders ADD COLUMN ordered date NOT NULL DEFAULT current_date;
CREATE INDEX flyway_orders_ordered ON flyway_orders (ordered);
