-- A schema with every kind of object that the diff knows, on PostgreSQL 15 and later.
-- The roles shop_owner, reader, writer and "Mixed Role" are made with the server.
CREATE SCHEMA app;
CREATE SCHEMA "Odd Schema";
COMMENT ON SCHEMA app IS 'the application''s own';
GRANT USAGE ON SCHEMA app TO reader, writer;
CREATE EXTENSION citext WITH SCHEMA public;
CREATE EXTENSION pg_trgm WITH SCHEMA app;
CREATE EXTENSION btree_gist WITH SCHEMA public;

CREATE COLLATION app.german (provider = icu, locale = 'de-DE', deterministic = false);
COMMENT ON COLLATION app.german IS 'for names';
CREATE COLLATION app.plain_c (provider = libc, locale = 'C');

CREATE TYPE app.mood AS ENUM ('sad', 'it''s ok', 'happy');
COMMENT ON TYPE app.mood IS 'how one feels';
CREATE TYPE app.address AS (street text, city varchar(40), "zip code" integer);
COMMENT ON COLUMN app.address.city IS 'without country';
CREATE TYPE app.price_range AS RANGE (subtype = numeric, multirange_type_name = app.price_multirange);
CREATE DOMAIN app.email AS citext DEFAULT 'nobody@example.org' NOT NULL CONSTRAINT email_has_at CHECK (VALUE ~ '@');
CREATE DOMAIN app.positive AS integer CONSTRAINT positive_check CHECK (VALUE > 0);
COMMENT ON CONSTRAINT positive_check ON DOMAIN app.positive IS 'zero is nothing';
REVOKE USAGE ON TYPE app.mood FROM PUBLIC;
GRANT USAGE ON TYPE app.mood TO reader;

CREATE SEQUENCE app.ticket AS integer START 100 INCREMENT 5 MINVALUE 10 MAXVALUE 100000 CACHE 3 CYCLE;
COMMENT ON SEQUENCE app.ticket IS 'tickets';
GRANT USAGE ON SEQUENCE app.ticket TO writer;

CREATE FUNCTION app.add(a integer, b integer DEFAULT 1) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'SELECT a + b';
COMMENT ON FUNCTION app.add(integer, integer) IS 'adds';
CREATE FUNCTION app.slug(t text) RETURNS text
    LANGUAGE sql IMMUTABLE RETURN lower(replace(t, ' ', '-'));
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.changed_at := now();
    RETURN NEW;
END
$$;
CREATE FUNCTION app.log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE FUNCTION app.series(n integer, OUT i integer, OUT j text) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER ROWS 50 AS $f$ BEGIN RETURN; END $f$;
REVOKE EXECUTE ON FUNCTION app.series(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.series(integer) TO reader;
CREATE PROCEDURE app.tidy(INOUT n integer, VARIADIC names text[]) LANGUAGE plpgsql AS $$ BEGIN n := 1; END $$;
CREATE AGGREGATE app.total(integer) (sfunc = int4pl, stype = integer, initcond = '0', combinefunc = int4pl, parallel = safe);
COMMENT ON AGGREGATE app.total(integer) IS 'sums';

CREATE TABLE app.customer (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 2) PRIMARY KEY,
    name text COLLATE app.german NOT NULL,
    email app.email,
    mood app.mood DEFAULT 'happy',
    moods app.mood[],
    home app.address,
    born date CHECK (born > '1900-01-01'),
    slug text GENERATED ALWAYS AS (app.slug(nickname)) STORED,
    nickname varchar(20) DEFAULT 'none'::text,
    score app.positive DEFAULT app.add(1),
    changed_at timestamptz DEFAULT '2020-02-02 00:00:00+00',
    CONSTRAINT customer_name_key UNIQUE NULLS NOT DISTINCT (name, born) INCLUDE (score) WITH (fillfactor = 70),
    CONSTRAINT nickname_short CHECK (length(nickname) < 15) NO INHERIT
) WITH (fillfactor = 80, autovacuum_enabled = false, toast.autovacuum_enabled = false);
ALTER TABLE app.customer ALTER COLUMN name SET STATISTICS 500, ALTER COLUMN name SET STORAGE external,
    ALTER COLUMN email SET (n_distinct = -0.5), ALTER COLUMN nickname SET COMPRESSION pglz;
ALTER TABLE app.customer ADD CONSTRAINT adult CHECK (born < '2010-01-01') NOT VALID;
COMMENT ON TABLE app.customer IS E'our\ncustomers';
COMMENT ON COLUMN app.customer.name IS 'as written';
COMMENT ON CONSTRAINT adult ON app.customer IS 'not yet';
ALTER TABLE app.customer OWNER TO shop_owner;
GRANT SELECT ON app.customer TO reader;
GRANT INSERT, UPDATE ON app.customer TO writer WITH GRANT OPTION;
GRANT SELECT (id, name), UPDATE (nickname) ON app.customer TO "Mixed Role";

CREATE TABLE app.orders (
    id serial,
    customer_id bigint NOT NULL,
    placed timestamptz NOT NULL DEFAULT now(),
    amount numeric(12,2),
    room integer,
    during tstzrange,
    prices app.price_range,
    note text,
    CONSTRAINT orders_pkey PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES app.customer (id)
        ON UPDATE CASCADE ON DELETE SET NULL (customer_id) DEFERRABLE,
    CONSTRAINT orders_no_overlap EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (room IS NOT NULL)
);
CREATE INDEX orders_recent ON app.orders USING btree (placed DESC NULLS LAST) INCLUDE (amount) WHERE amount > 100;
CREATE INDEX orders_customer ON app.orders (customer_id);
CREATE INDEX orders_note_trgm ON app.orders USING gin (note app.gin_trgm_ops) WITH (fastupdate = off);
CREATE UNIQUE INDEX orders_day ON app.orders (customer_id, (date_trunc('day', placed AT TIME ZONE 'UTC')));
ALTER INDEX app.orders_day ALTER COLUMN 2 SET STATISTICS 200;
COMMENT ON INDEX app.orders_recent IS 'for the front page';
ALTER TABLE app.orders CLUSTER ON orders_customer;
ALTER TABLE app.orders REPLICA IDENTITY FULL;
CREATE STATISTICS app.orders_stat (dependencies, mcv) ON customer_id, room FROM app.orders;
ALTER STATISTICS app.orders_stat SET STATISTICS 50;
CREATE STATISTICS app.orders_expr ON (amount * 2), (lower(note)) FROM app.orders;
COMMENT ON STATISTICS app.orders_stat IS 'go together';

CREATE TABLE app.manual (n integer DEFAULT nextval('app.ticket'), m integer);
CREATE UNLOGGED TABLE app.scratch (a integer, b integer) WITH (autovacuum_enabled = off);
CREATE SEQUENCE app.scratch_a OWNED BY app.scratch.a;

CREATE TABLE app.measure (city integer NOT NULL, day date NOT NULL, value double precision DEFAULT 0) PARTITION BY RANGE (day);
CREATE TABLE app.measure_2024 PARTITION OF app.measure FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.measure_2025 PARTITION OF app.measure (value DEFAULT 1)
    FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (city);
CREATE TABLE app.measure_2025_a PARTITION OF app.measure_2025 FOR VALUES IN (1, 2);
CREATE TABLE app.measure_2025_x PARTITION OF app.measure_2025 DEFAULT;
ALTER TABLE app.measure ADD PRIMARY KEY (city, day);
CREATE INDEX measure_value ON app.measure (value) WHERE value > 0;
CREATE INDEX measure_2024_only ON app.measure_2024 (city);
CREATE TABLE app.measure_note (city integer, day date, FOREIGN KEY (city, day) REFERENCES app.measure);

CREATE TABLE app.animal (id integer, name text NOT NULL, CONSTRAINT animal_id CHECK (id > 0));
CREATE TABLE app.dog (bark text DEFAULT 'wau') INHERITS (app.animal);
CREATE TABLE app.cat (name text DEFAULT 'tom', lives integer) INHERITS (app.animal);

CREATE VIEW app.rich AS
    SELECT c.id, c.name, sum(o.amount) AS total
    FROM app.customer c JOIN app.orders o ON o.customer_id = c.id
    GROUP BY c.id HAVING sum(o.amount) > 1000;
CREATE VIEW app.simple WITH (security_barrier = true, security_invoker = true) AS
    SELECT id, nickname AS nick, app.add(1, 2) AS three FROM app.customer WHERE nickname <> 'x' WITH LOCAL CHECK OPTION;
ALTER VIEW app.simple ALTER COLUMN nick SET DEFAULT 'nick';
COMMENT ON VIEW app.simple IS 'simple';
COMMENT ON COLUMN app.simple.nick IS 'the short one';
GRANT SELECT ON app.simple TO reader;
CREATE VIEW app.on_simple AS WITH x AS (SELECT * FROM app.simple) SELECT x.*, row_number() OVER (ORDER BY x.id) FROM x
    UNION ALL SELECT 1, 'a', 2, 3;
CREATE MATERIALIZED VIEW app.daily AS SELECT placed::date AS day, count(*) AS n FROM app.orders GROUP BY 1 WITH NO DATA;
CREATE UNIQUE INDEX daily_day ON app.daily (day);
COMMENT ON MATERIALIZED VIEW app.daily IS 'per day';

CREATE RULE scratch_guard AS ON DELETE TO app.scratch WHERE old.a = 1 DO INSTEAD NOTHING;
CREATE RULE scratch_log AS ON INSERT TO app.scratch DO ALSO INSERT INTO app.manual (m) VALUES (new.b);
ALTER TABLE app.scratch DISABLE RULE scratch_log;
COMMENT ON RULE scratch_guard ON app.scratch IS 'never one';
CREATE TRIGGER touch BEFORE UPDATE OF name, nickname ON app.customer
    FOR EACH ROW WHEN (old.name IS DISTINCT FROM new.name) EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON app.orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION app.touch('a', 'it''s');
CREATE TRIGGER transition AFTER INSERT ON app.orders REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.touch();
CREATE TRIGGER part_touch BEFORE INSERT ON app.measure FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.customer DISABLE TRIGGER touch;
COMMENT ON TRIGGER later ON app.orders IS 'at commit';
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.log_ddl();
COMMENT ON EVENT TRIGGER watch_ddl IS 'watches';

ALTER TABLE app.customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.customer FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON app.customer FOR SELECT TO reader, "Mixed Role" USING (nickname = current_user);
CREATE POLICY strict ON app.customer AS RESTRICTIVE FOR UPDATE
    USING (score > 1) WITH CHECK (EXISTS (SELECT FROM app.orders o WHERE o.customer_id = customer.id));
COMMENT ON POLICY own ON app.customer IS 'own rows';

ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner IN SCHEMA app GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE "Odd Schema"."select" ("from" integer, "Weird ""col""" text DEFAULT 'a''b\c', "ünï" text);
COMMENT ON TABLE "Odd Schema"."select" IS 'it''s $$ \ odd';
CREATE INDEX "odd;index" ON "Odd Schema"."select" ("Weird ""col""");
CREATE VIEW "Odd Schema"."view" AS SELECT "from", "Weird ""col""" FROM "Odd Schema"."select";
