-- case: database owner, comment and privileges
-- |~ database fixture: comment none → all that it's for, owner postgres → shop_owner, privileges of "Mixed Role" none → CONNECT WITH GRANT OPTION, CREATE, privileges of PUBLIC usual → TEMPORARY, privileges of its owner usual → CONNECT, CREATE
COMMENT ON DATABASE fixture IS 'all that it''s for';
GRANT CREATE ON DATABASE fixture TO "Mixed Role";
GRANT CONNECT ON DATABASE fixture TO "Mixed Role" WITH GRANT OPTION;
REVOKE CONNECT ON DATABASE fixture FROM PUBLIC;
REVOKE TEMPORARY ON DATABASE fixture FROM postgres;
ALTER DATABASE fixture OWNER TO shop_owner;

-- case: schema added and removed
-- |+ schema extra
CREATE SCHEMA extra AUTHORIZATION shop_owner;

-- case: schema owner, comment and privileges
-- |~ schema app: comment the application's own → none, owner postgres → shop_owner, privileges of reader USAGE → CREATE, USAGE, privileges of writer USAGE → none
ALTER SCHEMA app OWNER TO shop_owner;
COMMENT ON SCHEMA app IS NULL;
REVOKE USAGE ON SCHEMA app FROM writer;
GRANT CREATE ON SCHEMA app TO reader;

-- case: extension added with objects that use it
-- |+ extension hstore: comment data type for storing sets of (key, value) pairs, schema app, version 1.8
-- |+ table app.bag
-- |    + column h: default '"a"=>"1"'::app.hstore, type app.hstore
CREATE EXTENSION hstore WITH SCHEMA app;
CREATE TABLE app.bag (h app.hstore DEFAULT 'a=>1');

-- case: extension moved to another schema
-- |~ extension citext: schema public → app
-- |~ domain app.email: default 'nobody@example.org'::public.citext → 'nobody@example.org'::app.citext, type public.citext → app.citext
-- |    ! values are converted through text
-- |    ! app.citext may not hold every value of public.citext: one that does not fit is rounded or cut, or makes the statement fail
-- |~ domain constraint email_has_at on app.email: definition CHECK ((VALUE OPERATOR(public.~) '@'::public.citext)) → CHECK ((VALUE OPERATOR(app.~) '@'::app.citext))
ALTER EXTENSION citext SET SCHEMA app;

-- case: table with everything added
-- |+ sequence app.new_id_seq: cache 1, increment 1, maximum 9223372036854775807, minimum 1, owned by app.new.id, start 1, type bigint
-- |+ table app.new
-- |    + column customer: not null, type bigint
-- |    + column id: default nextval('app.new_id_seq'::regclass), not null, type bigint
-- |    + column kind: type text
-- |    + column parent: type bigint
-- |    + constraint new_kind_check: CHECK ((kind = ANY (ARRAY['a'::text, 'b'::text])))
-- |    + constraint new_pkey: PRIMARY KEY (id)
-- |    + index new_kind_idx: CREATE INDEX new_kind_idx ON app.new USING btree (kind)
-- |    + foreign key new_customer_fkey: FOREIGN KEY (customer) REFERENCES app.customer(id)
-- |    + foreign key new_parent_fkey: FOREIGN KEY (parent) REFERENCES app.new(id)
CREATE TABLE app.new (
    id bigserial PRIMARY KEY,
    parent bigint REFERENCES app.new,
    customer bigint NOT NULL REFERENCES app.customer,
    kind text CHECK (kind IN ('a', 'b'))
);
CREATE INDEX ON app.new (kind);

-- case: table removed with its sequence
-- |- sequence app.orders_id_seq
-- |- policy strict on app.customer
-- |- table app.orders
-- |    ! the table's rows are lost
-- |    - column amount
-- |    - column customer_id
-- |    - column during
-- |    - column id
-- |    - column note
-- |    - column placed
-- |    - column prices
-- |    - column room
-- |    - constraint orders_no_overlap
-- |    - constraint orders_pkey
-- |    - index orders_customer
-- |    - index orders_day
-- |    - index orders_note_trgm
-- |    - index orders_recent
-- |    - statistics app.orders_expr
-- |    - statistics app.orders_stat
-- |    - trigger later
-- |    - trigger transition
-- |    - foreign key orders_customer_fkey
-- |- view app.rich
-- |- materialized view app.daily
DROP TABLE app.orders CASCADE;

-- case: table renamed that another refers to
-- |+ table app.brand
-- |    + column id: type integer
-- |    + constraint maker_id_key: UNIQUE (id)
-- |- table app.maker
-- |    ! the table's rows are lost
-- |    ! they are kept if it only got another name: run ALTER TABLE app.maker RENAME TO brand instead and compare again
-- |    - column id
-- |    - constraint maker_id_key
-- |~ foreign key thing_maker_fkey on app.thing: definition FOREIGN KEY (maker) REFERENCES app.maker(id) → FOREIGN KEY (maker) REFERENCES app.brand(id)
-- |    ! fails if rows of app.thing refer to something, as app.brand is new and holds nothing: fill it before, or run all in one transaction and lose nothing by the failure
CREATE TABLE app.maker (id integer UNIQUE);
CREATE TABLE app.thing (maker integer REFERENCES app.maker (id));
-- then
ALTER TABLE app.maker RENAME TO brand;

-- case: reference to a new table by a new column
-- |+ table app.colour
-- |    + column id: not null, type integer
-- |    + constraint colour_pkey: PRIMARY KEY (id)
-- |+ column app.customer.colour: type integer
-- |+ foreign key customer_colour_fkey on app.customer: FOREIGN KEY (colour) REFERENCES app.colour(id)
CREATE TABLE app.colour (id integer PRIMARY KEY);
ALTER TABLE app.customer ADD COLUMN colour integer REFERENCES app.colour;

-- case: reference to a new column
-- |+ foreign key customer_nickname_fkey on app.customer: FOREIGN KEY (nickname) REFERENCES app.orders(code)
-- |    ! fails if rows of app.customer refer to something, as app.orders.code is new and holds nothing: fill it before, or run all in one transaction and lose nothing by the failure
-- |+ column app.orders.code: type text
-- |+ constraint orders_code_key on app.orders: UNIQUE (code)
ALTER TABLE app.orders ADD COLUMN code text UNIQUE;
ALTER TABLE app.customer ADD FOREIGN KEY (nickname) REFERENCES app.orders (code);

-- case: two tables that refer to each other
-- |+ table app.one
-- |    + column id: not null, type integer
-- |    + column other: type integer
-- |    + constraint one_pkey: PRIMARY KEY (id)
-- |    + foreign key one_other_fkey: FOREIGN KEY (other) REFERENCES app.two(id)
-- |+ table app.two
-- |    + column id: not null, type integer
-- |    + column other: type integer
-- |    + constraint two_pkey: PRIMARY KEY (id)
-- |    + foreign key two_other_fkey: FOREIGN KEY (other) REFERENCES app.one(id)
CREATE TABLE app.one (id integer PRIMARY KEY, other integer);
CREATE TABLE app.two (id integer PRIMARY KEY, other integer REFERENCES app.one);
ALTER TABLE app.one ADD FOREIGN KEY (other) REFERENCES app.two;

-- case: table options
-- |~ table app.customer: options autovacuum_enabled=false, fillfactor=80, toast.autovacuum_enabled=false → fillfactor=90, parallel_workers=2
ALTER TABLE app.customer SET (fillfactor = 90, parallel_workers = 2);
ALTER TABLE app.customer RESET (autovacuum_enabled, toast.autovacuum_enabled);

-- case: table logged and unlogged
-- |~ table app.manual: unlogged no → yes
-- |    ! the table's rows are lost when PostgreSQL crashes, and on a branch made while it runs
-- |~ table app.scratch: unlogged yes → no
ALTER TABLE app.scratch SET LOGGED;
ALTER TABLE app.manual SET UNLOGGED;

-- case: tables under a foreign key unlogged together
-- |~ table app.a: unlogged no → yes
-- |    ! the table's rows are lost when PostgreSQL crashes, and on a branch made while it runs
-- |~ table app.b: unlogged no → yes
-- |    ! the table's rows are lost when PostgreSQL crashes, and on a branch made while it runs
CREATE TABLE app.a (id integer PRIMARY KEY);
CREATE TABLE app.b (id integer REFERENCES app.a);
-- then
ALTER TABLE app.b SET UNLOGGED;
ALTER TABLE app.a SET UNLOGGED;

-- case: sequence unlogged
-- |~ sequence app.ticket: unlogged no → yes
-- |    ! the sequence starts anew when PostgreSQL crashes, and on a branch made while it runs
ALTER SEQUENCE app.ticket SET UNLOGGED;

-- case: table owner with its sequence
-- |~ sequence app.orders_id_seq: owner postgres → shop_owner
-- |~ table app.orders: owner postgres → shop_owner
ALTER TABLE app.orders OWNER TO shop_owner;

-- case: new owner who had privileges, old owner who keeps some
-- |~ table app.customer: owner shop_owner → reader, privileges of reader SELECT → none, privileges of shop_owner none → SELECT
ALTER TABLE app.customer OWNER TO reader;
GRANT SELECT ON app.customer TO shop_owner;

-- case: replica identity and cluster
-- |~ table app.orders: replica identity full → index
-- |~ index orders_customer on app.orders: clustered yes → no
-- |+ index orders_ident on app.orders: CREATE UNIQUE INDEX orders_ident ON app.orders USING btree (id, customer_id), replica identity
CREATE UNIQUE INDEX orders_ident ON app.orders (id, customer_id);
ALTER TABLE app.orders REPLICA IDENTITY USING INDEX orders_ident;
ALTER TABLE app.orders SET WITHOUT CLUSTER;

-- case: column added
-- |+ column app.manual.extra: collation app.german, comment more, default 'x'::text, not null, privileges of reader SELECT, type text
ALTER TABLE app.manual ADD COLUMN extra text COLLATE app.german DEFAULT 'x' NOT NULL;
COMMENT ON COLUMN app.manual.extra IS 'more';
GRANT SELECT (extra) ON app.manual TO reader;

-- case: column removed under views, indexes and policies
-- |- column app.customer.nickname
-- |    ! the column's values are lost
-- |- column app.customer.slug
-- |- constraint nickname_short on app.customer
-- |- trigger touch on app.customer
-- |- policy own on app.customer
-- |- view app.on_simple
-- |- view app.simple
-- |    - view column nick
ALTER TABLE app.customer DROP COLUMN nickname CASCADE;

-- case: column type widened
-- |~ column app.orders.room: type integer → bigint
-- |~ statistics app.orders_stat on app.orders: statistics target 50 → default
ALTER TABLE app.orders ALTER COLUMN room TYPE bigint;

-- case: column type changed under views, policies, triggers and generated columns
-- |~ column app.customer.nickname: compression pglz → default, type character varying(20) → text
-- |~ column app.customer.slug: generated (app.slug((nickname)::text)) STORED → (app.slug(nickname)) STORED
-- |~ constraint nickname_short on app.customer: definition CHECK ((length((nickname)::text) < 15)) NO INHERIT → CHECK ((length(nickname) < 15)) NO INHERIT
-- |- trigger touch on app.customer
-- |~ policy own on app.customer: using ((nickname)::text = CURRENT_USER) → (nickname = CURRENT_USER)
-- |- view app.on_simple
-- |- view app.simple
-- |    - view column nick
DROP VIEW app.on_simple, app.simple;
DROP POLICY own ON app.customer;
DROP TRIGGER touch ON app.customer;
ALTER TABLE app.customer DROP COLUMN slug;
ALTER TABLE app.customer ALTER COLUMN nickname TYPE text;
ALTER TABLE app.customer ADD COLUMN slug text GENERATED ALWAYS AS (app.slug(nickname)) STORED;
CREATE POLICY own ON app.customer FOR SELECT TO reader, "Mixed Role" USING (nickname = current_user);
COMMENT ON POLICY own ON app.customer IS 'own rows';

-- case: column type without a cast
-- |~ column app.cat.lives: type integer → date
-- |    ! every value is cast from integer to date: check that the cast means what you want
ALTER TABLE app.cat ALTER COLUMN lives TYPE date USING NULL;

-- case: column type and default
-- |~ column app.measure_note.city: default 5 → 'five'::text, type integer → text
-- |- foreign key measure_note_city_day_fkey on app.measure_note
ALTER TABLE app.measure_note ALTER COLUMN city SET DEFAULT 5;
-- then
ALTER TABLE app.measure_note DROP CONSTRAINT measure_note_city_day_fkey;
ALTER TABLE app.measure_note ALTER COLUMN city DROP DEFAULT;
ALTER TABLE app.measure_note ALTER COLUMN city TYPE text;
ALTER TABLE app.measure_note ALTER COLUMN city SET DEFAULT 'five';

-- case: column collation
-- |~ column app.customer.name: collation app.german → pg_catalog."C", storage external → default
-- |- trigger touch on app.customer
-- |- view app.rich
DROP VIEW app.rich;
DROP TRIGGER touch ON app.customer;
ALTER TABLE app.customer ALTER COLUMN name TYPE text COLLATE "C";

-- case: column not null and default
-- |~ column app.manual.m: default none → 3, not null no → yes
-- |~ column app.manual.n: default nextval('app.ticket'::regclass) → none
ALTER TABLE app.manual ALTER COLUMN m SET NOT NULL, ALTER COLUMN m SET DEFAULT 3, ALTER COLUMN n DROP DEFAULT;

-- case: column storage, compression, statistics and options
-- |~ column app.customer.email: options n_distinct=-0.5 → n_distinct_inherited=5
-- |~ column app.customer.name: statistics target 500 → default, storage external → main
-- |~ column app.customer.nickname: compression pglz → default
-- |~ column app.orders.note: storage default → plain
ALTER TABLE app.customer ALTER COLUMN name SET STORAGE main, ALTER COLUMN name SET STATISTICS -1,
    ALTER COLUMN nickname SET COMPRESSION default, ALTER COLUMN email RESET (n_distinct),
    ALTER COLUMN email SET (n_distinct_inherited = 5);
ALTER TABLE app.orders ALTER COLUMN note SET STORAGE plain;

-- case: column comment and privileges
-- |~ column app.customer.born: privileges of reader none → UPDATE WITH GRANT OPTION
-- |~ column app.customer.name: comment as written → it's "new", privileges of "Mixed Role" SELECT → none
COMMENT ON COLUMN app.customer.name IS 'it''s "new"';
REVOKE SELECT (name) ON app.customer FROM "Mixed Role";
GRANT UPDATE (born) ON app.customer TO reader WITH GRANT OPTION;

-- case: identity options
-- |~ identity app.customer.id: cache 1 → 5, generated always → by default, increment 2 → 10
ALTER TABLE app.customer ALTER COLUMN id SET GENERATED BY DEFAULT SET INCREMENT 10 SET CACHE 5;

-- case: identity added and removed
-- |- identity app.customer.id
-- |    ! the sequence's position is lost
-- |~ column app.manual.m: not null no → yes
-- |+ identity app.manual.m: cache 1, generated by default, increment 1, maximum 2147483647, minimum 1, sequence app.manual_m_seq, start 1, type integer
ALTER TABLE app.customer ALTER COLUMN id DROP IDENTITY;
ALTER TABLE app.manual ALTER COLUMN m SET NOT NULL, ALTER COLUMN m ADD GENERATED BY DEFAULT AS IDENTITY;

-- case: serial made an identity
-- |- sequence app.orders_id_seq
-- |    ! the sequence's position is lost
-- |~ column app.orders.id: default nextval('app.orders_id_seq'::regclass) → none
-- |+ identity app.orders.id: cache 1, generated always, increment -1, maximum -1, minimum -2147483648, sequence app.orders_id_seq, start -1, type integer
DROP SEQUENCE app.orders_id_seq CASCADE;
ALTER TABLE app.orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (INCREMENT BY -1);

-- case: identity sequence renamed
-- |~ identity app.customer.id: sequence app.customer_id_seq → app.customer_numbers
ALTER SEQUENCE app.customer_id_seq RENAME TO customer_numbers;

-- case: new identity column
-- |+ column app.manual.id: not null, type bigint
-- |+ identity app.manual.id: cache 1, generated always, increment 1, maximum 9223372036854775807, minimum 1, sequence app.manual_id_seq, start 1, type bigint
ALTER TABLE app.manual ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;

-- case: generated column changed
-- |~ column app.customer.slug: generated (app.slug((nickname)::text)) STORED → (upper((nickname)::text)) STORED
-- |+ index customer_slug on app.customer: CREATE INDEX customer_slug ON app.customer USING btree (slug)
ALTER TABLE app.customer DROP COLUMN slug;
ALTER TABLE app.customer ADD COLUMN slug text GENERATED ALWAYS AS (upper(nickname)) STORED;
CREATE INDEX customer_slug ON app.customer (slug);

-- case: generated column made plain
-- |~ column app.customer.slug: generated (app.slug((nickname)::text)) STORED → none
ALTER TABLE app.customer ALTER COLUMN slug DROP EXPRESSION;

-- case: serial column added to a table
-- |+ sequence app.manual_s_seq: cache 1, increment 1, maximum 2147483647, minimum 1, owned by app.manual.s, start 1, type integer
-- |+ column app.manual.s: default nextval('app.manual_s_seq'::regclass), not null, type integer
ALTER TABLE app.manual ADD COLUMN s serial;

-- case: primary key changed under a foreign key
-- |+ constraint customer_pk on app.customer: PRIMARY KEY (id)
-- |- constraint customer_pkey on app.customer
-- |- foreign key orders_customer_fkey on app.orders
-- |- view app.rich
ALTER TABLE app.orders DROP CONSTRAINT orders_customer_fkey;
DROP VIEW app.rich;
ALTER TABLE app.customer DROP CONSTRAINT customer_pkey;
ALTER TABLE app.customer ADD CONSTRAINT customer_pk PRIMARY KEY (id);

-- case: primary key dropped and column nullable
-- |~ column app.orders.id: not null yes → no
-- |- constraint orders_pkey on app.orders
ALTER TABLE app.orders DROP CONSTRAINT orders_pkey;
ALTER TABLE app.orders ALTER COLUMN id DROP NOT NULL;

-- case: check constraint changed and validated
-- |~ constraint adult on app.customer: valid no → yes
-- |~ constraint nickname_short on app.customer: definition CHECK ((length((nickname)::text) < 15)) NO INHERIT → CHECK ((length((nickname)::text) < 18))
ALTER TABLE app.customer VALIDATE CONSTRAINT adult;
ALTER TABLE app.customer DROP CONSTRAINT nickname_short;
ALTER TABLE app.customer ADD CONSTRAINT nickname_short CHECK (length(nickname) < 18);

-- case: foreign key changed to not valid
-- |~ foreign key orders_customer_fkey on app.orders: definition FOREIGN KEY (customer_id) REFERENCES app.customer(id) ON UPDATE CASCADE ON DELETE SET NULL (customer_id) DEFERRABLE → FOREIGN KEY (customer_id) REFERENCES app.customer(id) ON DELETE CASCADE, valid yes → no
ALTER TABLE app.orders DROP CONSTRAINT orders_customer_fkey;
ALTER TABLE app.orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES app.customer (id) ON DELETE CASCADE NOT VALID;

-- case: unique constraint options and exclusion constraint
-- |~ constraint customer_name_key on app.customer: options fillfactor=70 → fillfactor=60
-- |~ constraint orders_no_overlap on app.orders: definition EXCLUDE USING gist (room WITH =, during WITH &&) WHERE ((room IS NOT NULL)) → EXCLUDE USING gist (room WITH =, during WITH &&)
ALTER INDEX app.customer_name_key SET (fillfactor = 60);
ALTER TABLE app.orders DROP CONSTRAINT orders_no_overlap;
ALTER TABLE app.orders ADD CONSTRAINT orders_no_overlap EXCLUDE USING gist (room WITH =, during WITH &&);

-- case: index changed
-- |~ index orders_day on app.orders: statistics targets 2: 200 → 2: 300
-- |~ index orders_recent on app.orders: definition CREATE INDEX orders_recent ON app.orders USING btree (placed DESC NULLS LAST) INCLUDE (amount) WHERE (amount > (100)::numeric) → CREATE INDEX orders_recent ON app.orders USING btree (placed) WHERE (amount > (200)::numeric)
DROP INDEX app.orders_recent;
CREATE INDEX orders_recent ON app.orders (placed) WHERE amount > 200;
ALTER INDEX app.orders_day ALTER COLUMN 2 SET STATISTICS 300;
COMMENT ON INDEX app.orders_recent IS 'for the front page';

-- case: index on a partitioned table
-- |+ index measure_day on app.measure: CREATE INDEX measure_day ON app.measure USING btree (day)
-- |- index measure_value on app.measure
CREATE INDEX measure_day ON app.measure (day);
DROP INDEX app.measure_value;

-- case: statistics object changed
-- |~ statistics app.orders_expr on app.orders: statistics target default → 10
-- |~ statistics app.orders_stat on app.orders: comment go together → none, definition CREATE STATISTICS app.orders_stat (dependencies, mcv) ON customer_id, room FROM app.orders → CREATE STATISTICS app.orders_stat (ndistinct) ON customer_id, room FROM app.orders, statistics target 50 → default
DROP STATISTICS app.orders_stat;
CREATE STATISTICS app.orders_stat (ndistinct) ON customer_id, room FROM app.orders;
ALTER STATISTICS app.orders_expr SET STATISTICS 10;

-- case: view changed compatibly
-- |~ view app.simple: definition
-- |    -     app.add(1, 2) AS three
-- |    +     app.add(1, 3) AS three,
-- |    +     born
-- |    -   WHERE ((nickname)::text <> 'x'::text)
CREATE OR REPLACE VIEW app.simple WITH (security_barrier = true, security_invoker = true) AS
    SELECT id, nickname AS nick, app.add(1, 3) AS three, born FROM app.customer WITH LOCAL CHECK OPTION;

-- case: view changed incompatibly under another view
-- |~ view app.on_simple: definition
-- |    -  WITH x AS (
-- |    -          SELECT simple.id,
-- |    -             simple.nick,
-- |    -             simple.three
-- |    -            FROM app.simple
-- |    -         )
-- |    -  SELECT x.id,
-- |    -     x.nick,
-- |    -     x.three,
-- |    -     row_number() OVER (ORDER BY x.id) AS row_number
-- |    -    FROM x
-- |    - UNION ALL
-- |    -  SELECT 1 AS id,
-- |    -     'a'::character varying AS nick,
-- |    -     2 AS three,
-- |    -     3 AS row_number
-- |    +  SELECT (id || (nick)::text) AS "both"
-- |    +    FROM app.simple
-- |~ view app.simple: comment simple → none, definition, options check_option=local, security_barrier=true, security_invoker=true → none, privileges of reader SELECT → none
-- |    -  SELECT id,
-- |    -     nickname AS nick,
-- |    -     app.add(1, 2) AS three
-- |    +  SELECT (id)::text AS id,
-- |    +     nickname AS nick
-- |    -   WHERE ((nickname)::text <> 'x'::text)
-- |- view column app.simple.nick
DROP VIEW app.on_simple, app.simple;
CREATE VIEW app.simple AS SELECT id::text AS id, nickname AS nick FROM app.customer;
CREATE VIEW app.on_simple AS SELECT id || nick AS both FROM app.simple;

-- case: view options, column default and comment
-- |~ view app.simple: options check_option=local, security_barrier=true, security_invoker=true → security_barrier=false, security_invoker=true
-- |~ view column app.simple.nick: default 'nick'::character varying → none, privileges of writer none → UPDATE
-- |+ view column app.simple.three: comment always 3
ALTER VIEW app.simple SET (security_barrier = false);
ALTER VIEW app.simple RESET (check_option);
ALTER VIEW app.simple ALTER COLUMN nick DROP DEFAULT;
COMMENT ON COLUMN app.simple.three IS 'always 3';
GRANT UPDATE (nick) ON app.simple TO writer;

-- case: view becomes a table of the same name
-- |+ table app.simple
-- |    + column id: type bigint
-- |    + column nick: type text
-- |~ view app.on_simple: definition
-- |    -  WITH x AS (
-- |    -          SELECT simple.id,
-- |    -             simple.nick,
-- |    -             simple.three
-- |    -            FROM app.simple
-- |    -         )
-- |    -  SELECT x.id,
-- |    -     x.nick,
-- |    -     x.three,
-- |    -     row_number() OVER (ORDER BY x.id) AS row_number
-- |    -    FROM x
-- |    - UNION ALL
-- |    -  SELECT 1 AS id,
-- |    -     'a'::character varying AS nick,
-- |    -     2 AS three,
-- |    -     3 AS row_number
-- |    +  SELECT id,
-- |    +     nick
-- |    +    FROM app.simple
-- |- view app.simple
-- |    - view column nick
DROP VIEW app.on_simple, app.simple;
CREATE TABLE app.simple (id bigint, nick text);
CREATE VIEW app.on_simple AS SELECT * FROM app.simple;

-- case: materialized view changed
-- |~ materialized view app.daily: comment per day → none, definition
-- |    -     count(*) AS n
-- |    +     count(*) AS n,
-- |    +     sum(amount) AS sum
DROP MATERIALIZED VIEW app.daily;
CREATE MATERIALIZED VIEW app.daily AS SELECT placed::date AS day, count(*) AS n, sum(amount) AS sum FROM app.orders GROUP BY 1;
CREATE UNIQUE INDEX daily_day ON app.daily (day);
CREATE INDEX daily_n ON app.daily (n);

-- case: function body changed
-- |~ function app.touch(): definition
-- |    -     NEW.changed_at := now();
-- |    +     NEW.changed_at := clock_timestamp();
CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END
$$;

-- case: function result changed under a default, a generated column and views
-- |~ function app.add(integer, integer): comment adds → none, definition
-- |    - CREATE OR REPLACE FUNCTION app.add(a integer, b integer DEFAULT 1)
-- |    + CREATE OR REPLACE FUNCTION app.add(x integer, y integer DEFAULT 1)
-- |    -  IMMUTABLE PARALLEL SAFE STRICT COST 5
-- |    - AS $function$SELECT a + b$function$
-- |    +  IMMUTABLE
-- |    + AS $function$SELECT x + y$function$
-- |~ function app.slug(text): definition
-- |    - CREATE OR REPLACE FUNCTION app.slug(t text)
-- |    + CREATE OR REPLACE FUNCTION app.slug(u text)
-- |    - RETURN lower(replace(t, ' '::text, '-'::text))
-- |    + RETURN lower(replace(u, ' '::text, '_'::text))
-- |- view app.on_simple
-- |~ view app.simple: comment simple → none, privileges of reader SELECT → none
-- |- view column app.simple.nick
DROP VIEW app.on_simple, app.simple;
ALTER TABLE app.customer ALTER COLUMN score DROP DEFAULT;
DROP FUNCTION app.add(integer, integer);
CREATE FUNCTION app.add(x integer, y integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT x + y';
ALTER TABLE app.customer ALTER COLUMN score SET DEFAULT app.add(1);
CREATE VIEW app.simple WITH (security_barrier = true, security_invoker = true) AS
    SELECT id, nickname AS nick, app.add(1, 2) AS three FROM app.customer WHERE nickname <> 'x' WITH LOCAL CHECK OPTION;
ALTER TABLE app.customer DROP COLUMN slug;
DROP FUNCTION app.slug(text);
CREATE FUNCTION app.slug(u text) RETURNS text LANGUAGE sql IMMUTABLE RETURN lower(replace(u, ' ', '_'));
ALTER TABLE app.customer ADD COLUMN slug text GENERATED ALWAYS AS (app.slug(nickname)) STORED;

-- case: function owner, comment and privileges
-- |~ function app.add(integer, integer): comment adds → adds well, owner postgres → shop_owner, privileges of PUBLIC usual → nothing
-- |~ function app.series(integer): privileges of PUBLIC nothing → usual
-- |~ procedure app.tidy(integer, text[]): privileges of writer none → EXECUTE
ALTER FUNCTION app.add(integer, integer) OWNER TO shop_owner;
COMMENT ON FUNCTION app.add(integer, integer) IS 'adds well';
REVOKE EXECUTE ON FUNCTION app.add(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.series(integer) TO PUBLIC;
GRANT EXECUTE ON PROCEDURE app.tidy(integer, text[]) TO writer;

-- case: function becomes a procedure
-- |- function app.series(integer)
-- |+ procedure app.series(integer)
DROP FUNCTION app.series(integer);
CREATE PROCEDURE app.series(n integer) LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;

-- case: overloads, aggregates and window functions
-- |+ function app.add(text, text)
-- |+ aggregate app.everything(): arguments *, sfunc = int8inc, stype = bigint, initcond = '0'
-- |+ aggregate app.ordered(integer): arguments ORDER BY integer, sfunc = int4pl, stype = integer, initcond = '0'
-- |~ aggregate app.total(integer): comment sums → none, definition sfunc = int4pl, stype = integer, combinefunc = int4pl, initcond = '0', parallel = safe → sfunc = int4pl, stype = integer, initcond = '10'
CREATE FUNCTION app.add(text, text) RETURNS text LANGUAGE sql AS 'SELECT $1 || $2';
DROP AGGREGATE app.total(integer);
CREATE AGGREGATE app.total(integer) (sfunc = int4pl, stype = integer, initcond = '10');
CREATE AGGREGATE app.ordered(ORDER BY integer) (sfunc = int4pl, stype = integer, initcond = '0');
CREATE AGGREGATE app.everything(*) (sfunc = int8inc, stype = bigint, initcond = '0');

-- case: function that reads a table and a default that uses it
-- |+ function app.counted_so_far()
-- |+ table app.counted
-- |    + column n: type integer
-- |    + column so_far: default app.counted_so_far(), type bigint
-- |+ column app.manual.so_far: default app.counted_so_far(), type bigint
CREATE TABLE app.counted (n integer);
CREATE FUNCTION app.counted_so_far() RETURNS bigint LANGUAGE sql STABLE RETURN (SELECT count(*) FROM app.counted);
ALTER TABLE app.counted ADD COLUMN so_far bigint DEFAULT app.counted_so_far();
ALTER TABLE app.manual ADD COLUMN so_far bigint DEFAULT app.counted_so_far();

-- case: function with a body of statements
-- |+ function app.atomic(integer)
CREATE FUNCTION app.atomic(n integer) RETURNS bigint LANGUAGE sql BEGIN ATOMIC DELETE FROM app.manual WHERE m = n; SELECT count(*) FROM app.manual; END;

-- case: trigger changed and enabled
-- |~ trigger touch on app.customer: firing disabled → always
-- |~ trigger transition on app.orders: definition CREATE TRIGGER transition AFTER INSERT ON app.orders REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION app.touch() → CREATE TRIGGER transition AFTER DELETE ON app.orders FOR EACH STATEMENT EXECUTE FUNCTION app.touch()
ALTER TABLE app.customer ENABLE ALWAYS TRIGGER touch;
DROP TRIGGER transition ON app.orders;
CREATE TRIGGER transition AFTER DELETE ON app.orders FOR EACH STATEMENT EXECUTE FUNCTION app.touch();

-- case: trigger on a view and rule
-- |- rule scratch_guard on app.scratch
-- |~ rule scratch_log on app.scratch: firing disabled → enabled
-- |+ rule nothing on app.rich
-- |+ trigger instead on app.rich: CREATE TRIGGER instead INSTEAD OF INSERT ON app.rich FOR EACH ROW EXECUTE FUNCTION app.touch()
CREATE TRIGGER instead INSTEAD OF INSERT ON app.rich FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE RULE nothing AS ON UPDATE TO app.rich DO INSTEAD NOTHING;
ALTER TABLE app.scratch ENABLE RULE scratch_log;
DROP RULE scratch_guard ON app.scratch;

-- case: event trigger
-- |~ event trigger watch_ddl: firing enabled → disabled
-- |+ event trigger watch_drop: event sql_drop, function app.log_ddl
ALTER EVENT TRIGGER watch_ddl DISABLE;
CREATE EVENT TRIGGER watch_drop ON sql_drop EXECUTE FUNCTION app.log_ddl();

-- case: row security and policies
-- |~ table app.customer: row security forced yes → no
-- |~ policy own on app.customer: roles "Mixed Role", reader → PUBLIC, using ((nickname)::text = CURRENT_USER) → true
-- |~ policy strict on app.customer: check, command update → delete
-- |    - (EXISTS ( SELECT
-- |    -    FROM app.orders o
-- |    -   WHERE (o.customer_id = customer.id)))
-- |~ table app.orders: row security no → yes
-- |+ policy all_orders on app.orders: command all, roles PUBLIC, using (app.add(1, 1) = 2)
ALTER TABLE app.customer NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;
ALTER POLICY own ON app.customer TO PUBLIC USING (true);
DROP POLICY strict ON app.customer;
CREATE POLICY strict ON app.customer AS RESTRICTIVE FOR DELETE USING (score > 1);
CREATE POLICY all_orders ON app.orders USING (app.add(1, 1) = 2);

-- case: sequence options within the counter's reach
-- |~ sequence app.scratch_a: owned by app.scratch.a → none
-- |~ sequence app.ticket: comment tickets → none, cycle yes → no, increment 5 → 1, maximum 100000 → 9999999, type integer → bigint
ALTER SEQUENCE app.ticket AS bigint MAXVALUE 9999999 NO CYCLE INCREMENT 1;
ALTER SEQUENCE app.scratch_a OWNED BY NONE;
COMMENT ON SEQUENCE app.ticket IS NULL;

-- case: sequence bounds beyond the counter
-- |~ sequence app.scratch_a: maximum 9223372036854775807 → 500, minimum 1 → 200, start 1 → 300, type bigint → smallint
ALTER SEQUENCE app.scratch_a AS smallint MINVALUE 200 START 300 MAXVALUE 500 RESTART;

-- case: sequence owner and owning column
-- |+ sequence app.of_manual: cache 1, increment 1, maximum 9223372036854775807, minimum 1, owned by app.manual.m, start 1, type bigint
-- |~ sequence app.scratch_a: owner postgres → writer
-- |~ table app.scratch: owner postgres → writer
CREATE SEQUENCE app.of_manual OWNED BY app.manual.m;
ALTER TABLE app.scratch OWNER TO writer;

-- case: sequence given to a table of another owner
-- |~ sequence app.wandering: owned by none → app.customer.score, owner postgres → shop_owner
CREATE SEQUENCE app.wandering;
-- then
ALTER SEQUENCE app.wandering OWNER TO shop_owner;
ALTER SEQUENCE app.wandering OWNED BY app.customer.score;

-- case: enum labels added
-- |~ enum app.mood: labels 'sad', 'it''s ok', 'happy' → 'dead', 'sad', 'so so', 'it''s ok', 'happy'
-- |    ! the label is committed before the rest, which may use it, and stays if the rest fails
ALTER TYPE app.mood ADD VALUE 'so so' AFTER 'sad';
ALTER TYPE app.mood ADD VALUE 'dead' BEFORE 'sad';

-- case: enum label removed
-- |~ enum app.size: labels 's', 'm', 'l' → 'l', 'm', 'xl'
-- |    ! values are converted through text: fails while a row holds a label that is gone
-- |~ domain constraint big_check on app.big: definition CHECK ((VALUE <> 's'::app.size)) → CHECK ((VALUE <> 'm'::app.size))
-- |~ column app.shirt.size: default 'm'::app.size → 'xl'::app.size
-- |~ constraint shirt_size_check on app.shirt: definition CHECK ((size <> 's'::app.size)) → CHECK ((size <> 'xl'::app.size))
CREATE TYPE app.size AS ENUM ('s', 'm', 'l');
CREATE TABLE app.shirt (size app.size DEFAULT 'm' CHECK (size <> 's'), sizes app.size[]);
CREATE VIEW app.sizes AS SELECT size FROM app.shirt WHERE size = 'l';
CREATE FUNCTION app.fits(app.size) RETURNS app.size LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE INDEX shirt_fit ON app.shirt (app.fits(size));
CREATE DOMAIN app.big AS app.size CHECK (VALUE <> 's');
ALTER TABLE app.shirt ADD COLUMN big app.big;
-- then
DROP TABLE app.shirt CASCADE;
DROP TYPE app.size CASCADE;
CREATE TYPE app.size AS ENUM ('l', 'm', 'xl');
CREATE TABLE app.shirt (size app.size DEFAULT 'xl' CHECK (size <> 'xl'), sizes app.size[]);
CREATE VIEW app.sizes AS SELECT size FROM app.shirt WHERE size = 'l';
CREATE FUNCTION app.fits(app.size) RETURNS app.size LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE INDEX shirt_fit ON app.shirt (app.fits(size));
CREATE DOMAIN app.big AS app.size CHECK (VALUE <> 'm');
ALTER TABLE app.shirt ADD COLUMN big app.big;

-- case: composite type unused
-- |~ attribute app.pair.a: type integer → bigint
-- |- attribute app.pair.b
-- |+ attribute app.pair.c: comment when, type date
CREATE TYPE app.pair AS (a integer, b text);
-- then
ALTER TYPE app.pair ALTER ATTRIBUTE a TYPE bigint, DROP ATTRIBUTE b, ADD ATTRIBUTE c date;
COMMENT ON COLUMN app.pair.c IS 'when';

-- case: composite type in use
-- |+ attribute app.address.country: type text
ALTER TYPE app.address ADD ATTRIBUTE country text;

-- case: composite type in use with another attribute type
-- |~ attribute app.address."zip code": type integer → text
ALTER TABLE app.customer DROP COLUMN home;
ALTER TYPE app.address ALTER ATTRIBUTE "zip code" TYPE text;
ALTER TABLE app.customer ADD COLUMN home app.address;

-- case: composite type of tables changed with them
-- |~ attribute app.pair.a: comment none → first
-- |- attribute app.pair.b
-- |~ attribute app.pair.c: type character varying(5) → text
-- |+ attribute app.pair.d: type date
-- |~ table app.former: of type app.pair → none
-- |- column app.former.b
-- |    ! the column's values are lost
-- |~ column app.former.c: type character varying(5) → text
-- |+ column app.former.d: type date
-- |+ table app.newer: of type app.pair
-- |    + column a: default 3, not null, type integer
-- |    + column c: type text
-- |    + column d: type date
-- |- column app.older.b
-- |    ! the column's values are lost
-- |~ column app.older.c: type character varying(5) → text
-- |+ column app.older.d: type date
-- |- view app.bs
CREATE TYPE app.pair AS (a integer, b text, c varchar(5));
CREATE TABLE app.older OF app.pair (PRIMARY KEY (a), b DEFAULT 'b' NOT NULL);
CREATE TABLE app.former OF app.pair;
CREATE VIEW app.bs AS SELECT b FROM app.older;
CREATE INDEX ON app.older (c);
-- then
DROP VIEW app.bs;
ALTER TYPE app.pair DROP ATTRIBUTE b CASCADE, ALTER ATTRIBUTE c TYPE text CASCADE, ADD ATTRIBUTE d date CASCADE;
COMMENT ON COLUMN app.pair.a IS 'first';
ALTER TABLE app.former NOT OF;
CREATE TABLE app.newer OF app.pair (a NOT NULL DEFAULT 3);

-- case: composite type of a table and of a column replaced
-- |~ attribute app.pair.a: type integer → bigint
-- |~ column app.older.a: type integer → bigint
CREATE TYPE app.pair AS (a integer, b text);
CREATE TABLE app.older OF app.pair (PRIMARY KEY (a));
CREATE TABLE app.holder (pair app.pair, pairs app.pair[]);
-- then
DROP TABLE app.holder, app.older;
ALTER TYPE app.pair ALTER ATTRIBUTE a TYPE bigint;
CREATE TABLE app.older OF app.pair (PRIMARY KEY (a));
CREATE TABLE app.holder (pair app.pair, pairs app.pair[]);

-- case: domain changed in place
-- |~ domain app.email: default 'nobody@example.org'::public.citext → none, not null yes → no
-- |~ domain app.positive: owner postgres → shop_owner
-- |~ domain constraint positive_check on app.positive: comment zero is nothing → none, definition CHECK ((VALUE > 0)) → CHECK ((VALUE > 10)), valid yes → no
ALTER DOMAIN app.email DROP NOT NULL;
ALTER DOMAIN app.email DROP DEFAULT;
ALTER DOMAIN app.positive DROP CONSTRAINT positive_check;
ALTER DOMAIN app.positive ADD CONSTRAINT positive_check CHECK (VALUE > 10) NOT VALID;
ALTER DOMAIN app.positive OWNER TO shop_owner;

-- case: domain on another type
-- |~ domain app.positive: type integer → bigint
-- |    ! values are converted through text
-- |~ domain constraint positive_check on app.positive: comment zero is nothing → none
-- |- constraint customer_name_key on app.customer
-- |- policy strict on app.customer
ALTER TABLE app.customer DROP COLUMN score CASCADE;
DROP DOMAIN app.positive;
CREATE DOMAIN app.positive AS bigint CONSTRAINT positive_check CHECK (VALUE > 0);
ALTER TABLE app.customer ADD COLUMN score app.positive DEFAULT app.add(1);

-- case: range type changed
-- |~ range type app.price_range: difference function none → float8mi, subtype numeric → double precision
-- |    ! values are converted through text
-- |    ! double precision may not hold every value of numeric: one that does not fit is rounded or cut, or makes the statement fail
ALTER TABLE app.orders DROP COLUMN prices;
DROP TYPE app.price_range;
CREATE TYPE app.price_range AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = app.price_multirange);
ALTER TABLE app.orders ADD COLUMN prices app.price_range;

-- case: range type over an enum whose label is removed
-- |~ enum app.size: labels 's', 'm', 'l' → 's', 'l'
-- |    ! values are converted through text: fails while a row holds a label that is gone
CREATE TYPE app.size AS ENUM ('s', 'm', 'l');
CREATE TYPE app.sizes AS RANGE (subtype = app.size);
CREATE TABLE app.shirt (fits app.sizes, other app.sizes_multirange);
-- then
DROP TABLE app.shirt;
DROP TYPE app.sizes;
DROP TYPE app.size;
CREATE TYPE app.size AS ENUM ('s', 'l');
CREATE TYPE app.sizes AS RANGE (subtype = app.size);
CREATE TABLE app.shirt (fits app.sizes, other app.sizes_multirange);

-- case: range type with a canonical function
-- |+ range type app.steps: canonical function app.step, multirange steps_multirange, subtype integer
-- |+ domain app.steps_dom: type app.steps
-- |+ function app.step(app.steps): comment to the next one
-- |+ table app.walk
-- |    + column d: type app.steps_dom
-- |    + column s: default '[2,5)'::app.steps, type app.steps
CREATE TYPE app.steps;
CREATE FUNCTION app.step(app.steps) RETURNS app.steps LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE app.steps AS RANGE (subtype = integer, canonical = app.step);
COMMENT ON FUNCTION app.step(app.steps) IS 'to the next one';
ALTER TYPE app.steps OWNER TO shop_owner;
CREATE DOMAIN app.steps_dom AS app.steps;
CREATE TABLE app.walk (s app.steps DEFAULT '[2,4]', d app.steps_dom);

-- case: range type gets another canonical function
-- |~ range type app.steps: canonical function app.step → app.other_step, subtype integer → bigint
-- |    ! values are converted through text
-- |+ function app.other_step(app.steps)
-- |- function app.step(app.steps)
CREATE TYPE app.steps;
CREATE FUNCTION app.step(app.steps) RETURNS app.steps LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE app.steps AS RANGE (subtype = integer, canonical = app.step);
CREATE TABLE app.walk (s app.steps DEFAULT '[2,4]');
-- then
DROP TABLE app.walk;
DROP TYPE app.steps CASCADE;
CREATE TYPE app.steps;
CREATE FUNCTION app.other_step(app.steps) RETURNS app.steps LANGUAGE internal IMMUTABLE STRICT AS 'int8range_canonical';
CREATE TYPE app.steps AS RANGE (subtype = bigint, canonical = app.other_step);
CREATE TABLE app.walk (s app.steps DEFAULT '[2,4]');

-- case: type privileges, owner and comment
-- |~ enum app.mood: privileges of PUBLIC nothing → usual, privileges of reader USAGE → none
-- |~ composite type app.address: comment none → where, owner postgres → shop_owner
GRANT USAGE ON TYPE app.mood TO PUBLIC;
REVOKE USAGE ON TYPE app.mood FROM reader;
ALTER TYPE app.address OWNER TO shop_owner;
COMMENT ON TYPE app.address IS 'where';

-- case: objects of an owner whom default privileges name
-- |+ function app.owned()
-- |+ table app.owned: privileges of reader SELECT
-- |    + column a: type integer
-- |+ table app.reduced: privileges of its owner SELECT
-- |    + column a: type integer
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO shop_owner;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO shop_owner, reader;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO shop_owner WITH GRANT OPTION;
-- then
CREATE TABLE app.owned (a integer);
ALTER TABLE app.owned OWNER TO shop_owner;
CREATE TABLE app.reduced (a integer);
ALTER TABLE app.reduced OWNER TO shop_owner;
REVOKE ALL ON app.reduced FROM reader;
REVOKE ALL ON app.reduced FROM shop_owner;
GRANT SELECT ON app.reduced TO shop_owner;
CREATE FUNCTION app.owned() RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION app.owned() OWNER TO shop_owner;

-- case: collation replaced
-- |~ collation app.german: comment for names → none, deterministic no → yes, locale de-DE → de-AT
-- |    ! every index on a column with this collation is built again
-- |+ collation app.more: lc_collate C, lc_ctype POSIX, provider libc
-- |~ column app.customer.name: storage external → default
-- |- trigger touch on app.customer
-- |- view app.rich
DROP VIEW app.rich;
DROP TRIGGER touch ON app.customer;
ALTER TABLE app.customer ALTER COLUMN name TYPE text;
DROP COLLATION app.german;
CREATE COLLATION app.german (provider = icu, locale = 'de-AT', deterministic = true);
ALTER TABLE app.customer ALTER COLUMN name TYPE text COLLATE app.german;
CREATE COLLATION app.more (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');

-- case: privileges on a table
-- |~ table app.customer: privileges of "Mixed Role" none → DELETE, TRUNCATE, privileges of reader SELECT → none, privileges of writer INSERT WITH GRANT OPTION, UPDATE WITH GRANT OPTION → INSERT, UPDATE WITH GRANT OPTION
-- |~ materialized view app.daily: privileges of PUBLIC usual → SELECT
REVOKE SELECT ON app.customer FROM reader;
REVOKE GRANT OPTION FOR INSERT ON app.customer FROM writer;
GRANT TRUNCATE, DELETE ON app.customer TO "Mixed Role";
GRANT SELECT ON app.daily TO PUBLIC;

-- case since 17: privileges taken from the owner
-- |~ table app.customer: privileges of its owner usual → INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE
REVOKE DELETE, MAINTAIN ON app.customer FROM shop_owner;

-- case: privileges passed on
-- |~ table app.orders: privileges of reader none → SELECT WITH GRANT OPTION, privileges of writer none → SELECT
GRANT SELECT ON app.orders TO reader WITH GRANT OPTION;
SET ROLE reader;
GRANT SELECT ON app.orders TO writer;
RESET ROLE;

-- case: default privileges changed
-- |- default privileges on FUNCTIONS of shop_owner
-- |+ default privileges on SEQUENCES of writer: privileges of reader USAGE
-- |~ default privileges on TABLES of shop_owner in app: privileges of reader SELECT → none, privileges of writer none → INSERT WITH GRANT OPTION
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner IN SCHEMA app REVOKE SELECT ON TABLES FROM reader;
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner IN SCHEMA app GRANT INSERT ON TABLES TO writer WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE writer GRANT USAGE ON SEQUENCES TO reader;

-- case: objects made where default privileges apply
-- |+ function app.open_f()
-- |+ function app.shut_f(): privileges of PUBLIC nothing
-- |+ table app.open: privileges of reader SELECT
-- |    + column a: type integer
-- |+ table app.shut: privileges of writer INSERT
-- |    + column a: type integer
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
-- then
CREATE TABLE app.open (a integer);
CREATE TABLE app.shut (a integer);
REVOKE SELECT ON app.shut FROM reader;
GRANT INSERT ON app.shut TO writer;
CREATE FUNCTION app.shut_f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.open_f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON FUNCTION app.open_f() TO PUBLIC;

-- case: partition added, removed and moved
-- |~ inheritance of app.measure_2024 from app.measure: bound FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') → FOR VALUES FROM ('2023-01-01') TO ('2025-01-01')
-- |- table app.measure_2025_x
-- |    ! the table's rows are lost
-- |    - inheritance from app.measure_2025
-- |    - column city
-- |    - column day
-- |    - column value
-- |+ table app.measure_2026
-- |    + inheritance from app.measure: bound FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
-- |    + column city: not null, type integer
-- |    + column day: not null, type date
-- |    + column value: default 7, type double precision
ALTER TABLE app.measure_note DROP CONSTRAINT measure_note_city_day_fkey;
CREATE TABLE app.measure_2026 PARTITION OF app.measure (value DEFAULT 7) FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
DROP TABLE app.measure_2025_x;
ALTER TABLE app.measure DETACH PARTITION app.measure_2024;
ALTER TABLE app.measure ATTACH PARTITION app.measure_2024 FOR VALUES FROM ('2023-01-01') TO ('2025-01-01');
ALTER TABLE app.measure_note ADD FOREIGN KEY (city, day) REFERENCES app.measure;

-- case: partition detached
-- |- inheritance of app.measure_2024 from app.measure
ALTER TABLE app.measure DETACH PARTITION app.measure_2024;

-- case: partitioned table altered with its partitions
-- |+ column app.measure.note: default 'n'::text, not null, type text
-- |~ column app.measure.value: default 0 → 9, type double precision → numeric
-- |    ! numeric may not hold every value of double precision: one that does not fit is rounded or cut, or makes the statement fail
-- |~ index measure_value on app.measure: definition CREATE INDEX measure_value ON app.measure USING btree (value) WHERE (value > (0)::double precision) → CREATE INDEX measure_value ON app.measure USING btree (value) WHERE ((value)::double precision > (0)::double precision)
-- |+ column app.measure_2024.note: default 'other'::text, not null, type text
-- |~ column app.measure_2024.value: not null no → yes, type double precision → numeric
-- |    ! numeric may not hold every value of double precision: one that does not fit is rounded or cut, or makes the statement fail
-- |+ column app.measure_2025.note: not null, type text
-- |~ column app.measure_2025.value: type double precision → numeric
-- |    ! numeric may not hold every value of double precision: one that does not fit is rounded or cut, or makes the statement fail
-- |+ column app.measure_2025_a.note: not null, type text
-- |~ column app.measure_2025_a.value: type double precision → numeric
-- |    ! numeric may not hold every value of double precision: one that does not fit is rounded or cut, or makes the statement fail
-- |+ column app.measure_2025_x.note: not null, type text
-- |~ column app.measure_2025_x.value: type double precision → numeric
-- |    ! numeric may not hold every value of double precision: one that does not fit is rounded or cut, or makes the statement fail
ALTER TABLE app.measure ADD COLUMN note text DEFAULT 'n' NOT NULL;
ALTER TABLE app.measure ALTER COLUMN value TYPE numeric;
ALTER TABLE app.measure_2024 ALTER COLUMN note SET DEFAULT 'other';
ALTER TABLE app.measure_2025 ALTER COLUMN note DROP DEFAULT;
ALTER TABLE ONLY app.measure ALTER COLUMN value SET DEFAULT 9;
ALTER TABLE app.measure_2024 ALTER COLUMN value SET NOT NULL;

-- case: column of a partitioned table removed
-- |- column app.measure.value
-- |    ! the column's values are lost
-- |- index measure_value on app.measure
-- |- column app.measure_2024.value
-- |    ! the column's values are lost
-- |- column app.measure_2025.value
-- |    ! the column's values are lost
-- |- column app.measure_2025_a.value
-- |    ! the column's values are lost
-- |- column app.measure_2025_x.value
-- |    ! the column's values are lost
DROP INDEX app.measure_value;
ALTER TABLE app.measure DROP COLUMN value;

-- case: trigger that fires otherwise on a partition
-- |~ trigger audit on app.measure: firing enabled → always
-- |~ trigger audit on app.measure_2024: firing enabled → disabled
-- |~ trigger audit on app.measure_2025: firing disabled → replica
-- |~ trigger audit on app.measure_2025_a: firing replica → always
-- |~ trigger audit on app.measure_2025_x: firing disabled → always
-- |+ table app.measure_2026
-- |    + inheritance from app.measure: bound FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
-- |    + column city: not null, type integer
-- |    + column day: not null, type date
-- |    + column value: default 0, type double precision
-- |    + trigger audit: firing disabled
CREATE TRIGGER audit BEFORE INSERT ON app.measure FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE app.measure_2025 DISABLE TRIGGER audit;
ALTER TABLE app.measure_2025_a ENABLE REPLICA TRIGGER audit;
-- then
ALTER TABLE app.measure ENABLE ALWAYS TRIGGER audit;
ALTER TABLE app.measure_2024 DISABLE TRIGGER audit;
ALTER TABLE ONLY app.measure_2025 ENABLE REPLICA TRIGGER audit;
CREATE TABLE app.measure_2026 PARTITION OF app.measure FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE app.measure_2026 DISABLE TRIGGER audit;

-- case: partition with a disabled trigger moved
-- |~ trigger audit on app.measure: definition CREATE TRIGGER audit BEFORE INSERT ON app.measure FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger() → CREATE TRIGGER audit AFTER INSERT ON app.measure FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()
-- |~ inheritance of app.measure_2024 from app.measure: bound FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') → FOR VALUES FROM ('2023-01-01') TO ('2025-01-01')
-- |- inheritance of app.measure_2025 from app.measure
-- |- trigger audit on app.measure_2025
CREATE TRIGGER audit BEFORE INSERT ON app.measure FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE app.measure_2024 DISABLE TRIGGER audit;
ALTER TABLE app.measure_2025 DISABLE TRIGGER audit;
ALTER TABLE app.measure_note DROP CONSTRAINT measure_note_city_day_fkey;
-- then
DROP TRIGGER audit ON app.measure;
ALTER TABLE app.measure DETACH PARTITION app.measure_2024;
ALTER TABLE app.measure DETACH PARTITION app.measure_2025;
ALTER TABLE app.measure ATTACH PARTITION app.measure_2024 FOR VALUES FROM ('2023-01-01') TO ('2025-01-01');
CREATE TRIGGER audit AFTER INSERT ON app.measure FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE app.measure_2024 DISABLE TRIGGER audit;

-- case since 16: partition that computes a column otherwise
-- |+ table app.split_1
-- |    + inheritance from app.split: bound FOR VALUES IN (1)
-- |    + column k: type integer
-- |    + column twice: generated ((k * 3)) STORED, not null, type integer
-- |+ table app.split_2
-- |    + inheritance from app.split: bound FOR VALUES IN (2)
-- |    + column k: type integer
-- |    + column twice: generated ((k * 2)) STORED, type integer
CREATE TABLE app.split (k integer, twice integer GENERATED ALWAYS AS (k * 2) STORED) PARTITION BY LIST (k);
-- then
CREATE TABLE app.split_1 PARTITION OF app.split (twice GENERATED ALWAYS AS (k * 3) STORED NOT NULL) FOR VALUES IN (1);
CREATE TABLE app.split_2 PARTITION OF app.split FOR VALUES IN (2);

-- case since 17: expressions of partitions and children changed
-- |~ column app.heir.twice: generated ((k * 3)) STORED → ((k * 30)) STORED
-- |~ column app.split.twice: generated ((k * 2)) STORED → ((k * 20)) STORED
-- |~ column app.split_1_1.twice: generated ((k * 3)) STORED → ((k * 30)) STORED
-- |~ column app.split_2.twice: generated ((k * 2)) STORED → ((k * 20)) STORED
CREATE TABLE app.split (k integer, twice integer GENERATED ALWAYS AS (k * 2) STORED) PARTITION BY LIST (k);
CREATE TABLE app.split_1 PARTITION OF app.split FOR VALUES IN (1) PARTITION BY LIST (k);
CREATE TABLE app.split_1_1 PARTITION OF app.split_1 (twice GENERATED ALWAYS AS (k * 3) STORED) FOR VALUES IN (1);
CREATE TABLE app.split_2 PARTITION OF app.split FOR VALUES IN (2);
CREATE TABLE app.parent (k integer, twice integer GENERATED ALWAYS AS (k * 2) STORED);
CREATE TABLE app.heir (twice integer GENERATED ALWAYS AS (k * 3) STORED) INHERITS (app.parent);
CREATE VIEW app.doubled AS SELECT twice FROM app.split;
-- then
ALTER TABLE ONLY app.split ALTER COLUMN twice SET EXPRESSION AS (k * 20);
ALTER TABLE app.split_1_1 ALTER COLUMN twice SET EXPRESSION AS (k * 30);
ALTER TABLE app.split_2 ALTER COLUMN twice SET EXPRESSION AS (k * 20);
ALTER TABLE app.heir ALTER COLUMN twice SET EXPRESSION AS (k * 30);

-- case since 17: function under the expressions of a partition and a child removed
-- |- function app.thrice(integer)
-- |~ column app.heir.twice: generated (app.thrice(k)) STORED → ((k * 2)) STORED
-- |~ column app.split_1.twice: generated (app.thrice(k)) STORED → ((k * 2)) STORED
CREATE FUNCTION app.thrice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3';
CREATE TABLE app.split (k integer, twice integer GENERATED ALWAYS AS (k * 2) STORED) PARTITION BY LIST (k);
CREATE TABLE app.split_1 PARTITION OF app.split (twice GENERATED ALWAYS AS (app.thrice(k)) STORED) FOR VALUES IN (1);
CREATE TABLE app.parent (k integer, twice integer GENERATED ALWAYS AS (k * 2) STORED);
CREATE TABLE app.heir (twice integer GENERATED ALWAYS AS (app.thrice(k)) STORED) INHERITS (app.parent);
-- then
ALTER TABLE app.split_1 ALTER COLUMN twice SET EXPRESSION AS (k * 2);
ALTER TABLE app.heir ALTER COLUMN twice SET EXPRESSION AS (k * 2);
DROP FUNCTION app.thrice(integer);

-- case since 17: type changed under expressions of a partition and children
-- |~ column app.heir.k: type integer → bigint
-- |~ column app.heir.twice: generated (k) STORED → ((k * 3)) STORED
-- |~ column app.parent.k: type integer → bigint
-- |~ column app.split.k: type integer → bigint
-- |~ column app.split_1.k: type integer → bigint
CREATE TABLE app.split (id integer, k integer, twice float GENERATED ALWAYS AS (k) STORED) PARTITION BY LIST (id);
CREATE TABLE app.split_1 PARTITION OF app.split (twice GENERATED ALWAYS AS (0) STORED) FOR VALUES IN (1);
CREATE TABLE app.parent (k integer, twice float GENERATED ALWAYS AS (k) STORED);
CREATE TABLE app.heir (twice float GENERATED ALWAYS AS (k) STORED) INHERITS (app.parent);
-- then
ALTER TABLE app.split DROP COLUMN twice, ALTER COLUMN k TYPE bigint, ADD COLUMN twice float GENERATED ALWAYS AS (k) STORED;
ALTER TABLE app.split_1 ALTER COLUMN twice SET EXPRESSION AS (0);
ALTER TABLE app.parent DROP COLUMN twice;
ALTER TABLE app.heir DROP COLUMN twice;
ALTER TABLE app.parent ALTER COLUMN k TYPE bigint, ADD COLUMN twice float GENERATED ALWAYS AS (k) STORED;
ALTER TABLE app.heir ALTER COLUMN twice SET EXPRESSION AS (k * 3);

-- case: inheritance added and removed
-- |+ inheritance of app.animal from app.being
-- |+ column app.animal.legs: default 4, type integer
-- |+ table app.being
-- |    + column id: type integer
-- |+ column app.cat.legs: default 3, type integer
-- |- inheritance of app.dog from app.animal
ALTER TABLE app.dog NO INHERIT app.animal;
CREATE TABLE app.being (id integer);
ALTER TABLE app.animal INHERIT app.being;
ALTER TABLE app.animal ADD COLUMN legs integer DEFAULT 4;
ALTER TABLE app.cat ALTER COLUMN legs SET DEFAULT 3;

-- case: parent of inheriting tables changed
-- |~ column app.animal.id: not null no → yes, type integer → bigint
-- |- column app.animal.name
-- |    ! the column's values are lost
-- |+ constraint animal_big on app.animal: CHECK ((id > 10))
-- |~ column app.cat.id: not null no → yes, type integer → bigint
-- |~ column app.dog.id: not null no → yes, type integer → bigint
-- |- column app.dog.name
-- |    ! the column's values are lost
ALTER TABLE app.animal ALTER COLUMN id TYPE bigint, ALTER COLUMN id SET NOT NULL;
ALTER TABLE app.animal DROP COLUMN name;
ALTER TABLE app.animal ADD CONSTRAINT animal_big CHECK (id > 10);

-- case: parent removed and children kept
-- |- table app.animal
-- |    ! the table's rows are lost
-- |    - column id
-- |    - column name
-- |    - constraint animal_id
-- |- inheritance of app.cat from app.animal
-- |- inheritance of app.dog from app.animal
ALTER TABLE app.dog NO INHERIT app.animal;
ALTER TABLE app.cat NO INHERIT app.animal;
DROP TABLE app.animal;

-- case: hostile names and comments
-- |+ schema "a.b""c; DROP TABLE x --"
-- |+ enum "a.b""c; DROP TABLE x --"."e'"
-- |+ function "a.b""c; DROP TABLE x --"."f$function$"(text)
-- |+ table "a.b""c; DROP TABLE x --"."t'1$$\n": privileges of "Mixed Role" SELECT
-- |    + column "c\u000a2": comment \, type text
-- |    + column "c""1": default 1, type integer
-- |    + index "i""'": CREATE INDEX "i""'" ON "a.b""c; DROP TABLE x --"."t'1$$\n" USING btree ("c""1")
-- |    + policy "p'""": command all, roles "Mixed Role", using ("c""1" = 1)
-- |+ view "a.b""c; DROP TABLE x --"."v\u0009tab"
CREATE SCHEMA "a.b""c; DROP TABLE x --";
CREATE TABLE "a.b""c; DROP TABLE x --"."t'1$$\n" ("c""1" integer DEFAULT 1, "c
2" text DEFAULT E'\\''; $$ $a$ \n');
COMMENT ON TABLE "a.b""c; DROP TABLE x --"."t'1$$\n" IS E'a\\b''c\nd $$ */ -- é ☃';
COMMENT ON COLUMN "a.b""c; DROP TABLE x --"."t'1$$\n"."c
2" IS E'\\';
CREATE FUNCTION "a.b""c; DROP TABLE x --"."f$function$" ("$arg" text) RETURNS text LANGUAGE sql AS $x$ SELECT '$function$ $$' || $1 $x$;
CREATE TYPE "a.b""c; DROP TABLE x --"."e'" AS ENUM ('a''b\c', E'x\ny', '$$');
ALTER TABLE "a.b""c; DROP TABLE x --"."t'1$$\n" OWNER TO "it's; ""$$";
GRANT SELECT ON "a.b""c; DROP TABLE x --"."t'1$$\n" TO "Mixed Role", "it's; ""$$";
CREATE VIEW "a.b""c; DROP TABLE x --"."v	tab" AS SELECT "c""1" AS "it's" FROM "a.b""c; DROP TABLE x --"."t'1$$\n";
CREATE INDEX "i""'" ON "a.b""c; DROP TABLE x --"."t'1$$\n" ("c""1");
CREATE POLICY "p'""" ON "a.b""c; DROP TABLE x --"."t'1$$\n" TO "Mixed Role" USING ("c""1" = 1);

-- case since 18: what only PostgreSQL 18 can do
-- |+ table app.modern
-- |    + column a: not null yes, not inherited, not null constraint inside, type integer
-- |    + column id: not null, not null constraint id_known, type integer
-- |    + column twice: generated ((a * 2)) VIRTUAL, type integer
-- |    + column valid_at: not null, type tstzrange
-- |    + constraint modern_key: PRIMARY KEY (id, valid_at WITHOUT OVERLAPS)
-- |    + constraint unsaid: CHECK ((a > 0)) NOT ENFORCED
-- |+ table app.modern_part
-- |    + column id: not null not valid, not null constraint later, type integer
-- |    + column valid_at: type tstzrange
-- |    + foreign key modern_part_id_valid_at_fkey: FOREIGN KEY (id, PERIOD valid_at) REFERENCES app.modern(id, PERIOD valid_at)
-- |+ table app.split: partition key LIST (k)
-- |    + column id: not null, type bigint
-- |    + column k: type integer
-- |    + identity id: cache 1, generated always, increment 1, maximum 9223372036854775807, minimum 1, sequence app.split_id_seq, start 1, type bigint
-- |+ table app.split_1
-- |    + inheritance from app.split: bound FOR VALUES IN (1)
-- |    + column id: not null, type bigint
-- |    + column k: type integer
CREATE TABLE app.modern (
    id integer CONSTRAINT id_known NOT NULL,
    a integer,
    twice integer GENERATED ALWAYS AS (a * 2) VIRTUAL,
    valid_at tstzrange,
    CONSTRAINT modern_key PRIMARY KEY (id, valid_at WITHOUT OVERLAPS),
    CONSTRAINT unsaid CHECK (a > 0) NOT ENFORCED,
    CONSTRAINT inside NOT NULL a NO INHERIT
);
CREATE TABLE app.modern_part (
    id integer,
    valid_at tstzrange,
    FOREIGN KEY (id, PERIOD valid_at) REFERENCES app.modern (id, PERIOD valid_at)
);
ALTER TABLE app.modern_part ADD CONSTRAINT later NOT NULL id NOT VALID;
CREATE TABLE app.split (id bigint GENERATED ALWAYS AS IDENTITY, k integer) PARTITION BY LIST (k);
CREATE TABLE app.split_1 PARTITION OF app.split FOR VALUES IN (1);

-- case since 18: changes of what only PostgreSQL 18 can do
-- |~ column app.modern.a: not null not valid → yes
-- |~ column app.modern.id: not null constraint id_known → id_sure
-- |~ column app.modern.thrice: generated ((a * 3)) VIRTUAL → ((a * 3)) STORED
-- |~ column app.modern.twice: generated ((a * 2)) VIRTUAL → ((a * 20)) VIRTUAL
-- |~ constraint unsaid on app.modern: definition CHECK ((a > 0)) NOT ENFORCED → CHECK ((a > 0))
CREATE TABLE app.modern (
    id integer CONSTRAINT id_known NOT NULL,
    a integer,
    twice integer GENERATED ALWAYS AS (a * 2) VIRTUAL,
    thrice integer GENERATED ALWAYS AS (a * 3) VIRTUAL,
    CONSTRAINT unsaid CHECK (a > 0) NOT ENFORCED
);
ALTER TABLE app.modern ADD CONSTRAINT later NOT NULL a NOT VALID;
-- then
ALTER TABLE app.modern RENAME CONSTRAINT id_known TO id_sure;
ALTER TABLE app.modern VALIDATE CONSTRAINT later;
ALTER TABLE app.modern DROP CONSTRAINT unsaid;
ALTER TABLE app.modern ALTER COLUMN twice SET EXPRESSION AS (a * 20);
ALTER TABLE app.modern DROP COLUMN thrice;
ALTER TABLE app.modern ADD COLUMN thrice integer GENERATED ALWAYS AS (a * 3) STORED;
ALTER TABLE app.modern ADD CONSTRAINT unsaid CHECK (a > 0);
