-- What a database keeps: the frame (who may what, compiled from the catalog's rules), what was made of it, and the key.

CREATE SCHEMA espalier_governance;
REVOKE ALL ON SCHEMA espalier_governance FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS espalier_secret;
REVOKE ALL ON SCHEMA espalier_secret FROM PUBLIC;
REVOKE ALL ON SCHEMA espalier_mask FROM PUBLIC;

-- The key of the keyed masks, as the two pads of HMAC-SHA256; of this database and its branches alone.
CREATE TABLE IF NOT EXISTS espalier_secret.key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL
);
DO $$
DECLARE
    secret bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    inner_pad bytea := '';
    outer_pad bytea := '';
    b integer;
BEGIN
    -- An earlier installation's stays, and code of nobody else's may run with it.
    IF NOT (SELECT o.rolsuper FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE c.oid = 'espalier_secret.key'::regclass) THEN
        RAISE EXCEPTION 'the table espalier_secret.key is not a superuser''s: as one, say DROP SCHEMA espalier_secret CASCADE';
    END IF;
    FOR i IN 0..63 LOOP
        b := CASE WHEN i < length(secret) THEN get_byte(secret, i) ELSE 0 END;
        inner_pad := inner_pad || set_byte('\x00', 0, b # 54);
        outer_pad := outer_pad || set_byte('\x00', 0, b # 92);
    END LOOP;
    INSERT INTO espalier_secret.key (inner_pad, outer_pad) VALUES (inner_pad, outer_pad) ON CONFLICT DO NOTHING;
END $$;

-- The frame ------------------------------------------------------------------------------------------------------------

CREATE TABLE espalier_governance.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    catalog text NOT NULL DEFAULT '',
    epoch bigint NOT NULL DEFAULT -1,
    frame text NOT NULL DEFAULT '',
    -- What the frame's rows were when they were loaded, and their versions.
    rows text NOT NULL DEFAULT '',
    rows_versions text NOT NULL DEFAULT '',
    -- What the functions were when they were installed, and the versions of their rows.
    machinery text NOT NULL DEFAULT '',
    machinery_versions text NOT NULL DEFAULT ''
);
INSERT INTO espalier_governance.state DEFAULT VALUES;

-- The id of the state that was looked at last; see Stamps.
CREATE TABLE espalier_governance.stamp (
    id uuid PRIMARY KEY
);
INSERT INTO espalier_governance.stamp (id) VALUES (gen_random_uuid());

-- What things were called when they were first seen: the rules are by name, and a migration's rename takes nothing away.
CREATE TABLE espalier_governance.known_relation (
    relid oid PRIMARY KEY,
    schema name NOT NULL,
    name name NOT NULL
);
CREATE TABLE espalier_governance.known_column (
    relid oid NOT NULL,
    attnum smallint NOT NULL,
    name name NOT NULL,
    PRIMARY KEY (relid, attnum)
);

-- What things are parts of, or have been, by all the names of that: its rules are for their rows, and to take a part off takes nothing away.
CREATE TABLE espalier_governance.known_whole (
    relid oid NOT NULL,
    schema name NOT NULL,
    name name NOT NULL,
    -- Whether it is none of its parts any more.
    apart boolean NOT NULL,
    PRIMARY KEY (relid, schema, name)
);
CREATE INDEX ON espalier_governance.known_whole (schema, name);

CREATE TABLE espalier_governance.profile (
    profile text PRIMARY KEY,
    -- Whether a policy binds its members: then they may own nothing here.
    bound boolean NOT NULL,
    hash text NOT NULL
);
-- Those the rules know; without a profile one keeps the rights he has in PostgreSQL.
CREATE TABLE espalier_governance.subject (
    principal name PRIMARY KEY,
    profile text REFERENCES espalier_governance.profile DEFERRABLE INITIALLY DEFERRED
);
-- By schema, and what new tables in it give; the empty name is for schemas that the rules do not know yet.
CREATE TABLE espalier_governance.schema_access (
    profile text NOT NULL,
    schema name NOT NULL,
    uses boolean NOT NULL,
    creates boolean NOT NULL,
    reads boolean NOT NULL,
    writes boolean NOT NULL,
    masks_unknown smallint NOT NULL,
    closes_unknown boolean NOT NULL,
    PRIMARY KEY (profile, schema)
);
CREATE TABLE espalier_governance.relation_access (
    profile text NOT NULL,
    relid oid NOT NULL,
    reads boolean NOT NULL,
    writes boolean NOT NULL,
    -- Why nobody gets in, whatever he may.
    closed text,
    -- Which columns that are not known yet read NULL: none (0), those whose type could hold anything (1), all (2).
    masks_unknown smallint NOT NULL,
    -- Whether a hook made the row up for a new relation.
    provisional boolean NOT NULL DEFAULT false,
    -- Over all that the frame says of the relation for the profile.
    hash text NOT NULL DEFAULT '',
    PRIMARY KEY (profile, relid)
);
-- Expressions name a column by its number in braces.
CREATE TABLE espalier_governance.mask (
    profile text NOT NULL,
    relid oid NOT NULL,
    attnum smallint NOT NULL,
    expression text NOT NULL,
    PRIMARY KEY (profile, relid, attnum)
);
CREATE TABLE espalier_governance.filter (
    profile text NOT NULL,
    relid oid NOT NULL,
    expression text NOT NULL,
    PRIMARY KEY (profile, relid)
);
-- What the rules hide under names that nothing here has: columns, or without one a whole relation.
CREATE TABLE espalier_governance.absent (
    profile text NOT NULL,
    schema name NOT NULL,
    name name NOT NULL,
    column_name name NOT NULL,
    PRIMARY KEY (profile, schema, name, column_name)
);
-- Functions that need a grant of their own.
CREATE TABLE espalier_governance.function_access (
    profile text NOT NULL,
    function oid NOT NULL,
    PRIMARY KEY (profile, function)
);

-- Whether any of these rows has been changed since they were loaded: their versions tell faster than what is in them. What a hook made up for a new
-- relation does not count, nor what tells Espalier alone to load it again.
CREATE FUNCTION espalier_governance.rows_versions() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(x.number || '/' || x.versions, ' ' ORDER BY x.place)
    FROM (
        SELECT 1 AS place, count(*) AS number, coalesce(sum(xmin::text::bigint), 0) AS versions FROM espalier_governance.profile
        UNION ALL SELECT 2, count(*), coalesce(sum(xmin::text::bigint), 0) FROM espalier_governance.subject
        UNION ALL SELECT 3, count(*), coalesce(sum(xmin::text::bigint), 0) FROM espalier_governance.schema_access
        UNION ALL SELECT 4, count(*), coalesce(sum(xmin::text::bigint), 0) FROM espalier_governance.relation_access
        UNION ALL SELECT 5, count(*), coalesce(sum(xmin::text::bigint), 0) FROM espalier_governance.mask
        UNION ALL SELECT 6, count(*), coalesce(sum(xmin::text::bigint), 0) FROM espalier_governance.filter
        UNION ALL SELECT 7, count(*), coalesce(sum(xmin::text::bigint), 0) FROM espalier_governance.absent
        UNION ALL SELECT 8, count(*), coalesce(sum(xmin::text::bigint), 0) FROM espalier_governance.function_access
    ) x
$$;

CREATE FUNCTION espalier_governance.rows() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH made_up AS (
        SELECT r.profile, r.relid FROM espalier_governance.relation_access r WHERE r.provisional
    )
    SELECT encode(sha256(convert_to(coalesce(string_agg(x.line, chr(10) ORDER BY x.line), ''), 'UTF8')), 'hex')
    FROM (
        SELECT 'profile' || ROW(p.profile, p.bound)::text AS line FROM espalier_governance.profile p
        UNION ALL SELECT 'subject' || s::text FROM espalier_governance.subject s
        UNION ALL SELECT 'schema' || s::text FROM espalier_governance.schema_access s
        UNION ALL
        SELECT 'relation' || ROW(r.profile, r.relid, r.reads, r.writes, r.closed, r.masks_unknown)::text
        FROM espalier_governance.relation_access r WHERE NOT r.provisional
        UNION ALL
        SELECT 'mask' || m::text FROM espalier_governance.mask m WHERE (m.profile, m.relid) NOT IN (SELECT u.profile, u.relid FROM made_up u)
        UNION ALL
        SELECT 'filter' || f::text FROM espalier_governance.filter f WHERE (f.profile, f.relid) NOT IN (SELECT u.profile, u.relid FROM made_up u)
        UNION ALL SELECT 'absent' || a::text FROM espalier_governance.absent a
        UNION ALL SELECT 'function' || f::text FROM espalier_governance.function_access f
    ) x
$$;

CREATE FUNCTION espalier_governance.rows_are_kept() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN s.rows_versions = espalier_governance.rows_versions() THEN true ELSE s.rows = espalier_governance.rows() END
    FROM espalier_governance.state s
$$;

CREATE FUNCTION espalier_governance.keep_rows() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE espalier_governance.state SET rows = espalier_governance.rows(), rows_versions = espalier_governance.rows_versions()
$$;

-- What was made of it --------------------------------------------------------------------------------------------------

CREATE TABLE espalier_governance.compiled (
    profile text NOT NULL,
    relid oid NOT NULL,
    view oid NOT NULL,
    write_view oid,
    -- The functions that its masks and its filter call by themselves, where it is the view of a view, whose own text calls others.
    calls oid[] NOT NULL DEFAULT '{}',
    -- All that they are, as they were made; and the versions of the rows that PostgreSQL keeps of them.
    definition text,
    versions text,
    PRIMARY KEY (profile, relid)
);
CREATE TABLE espalier_governance.compiled_filter (
    profile text NOT NULL,
    relid oid NOT NULL,
    expression text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (profile, relid)
);
-- Privileges that a profile's role holds on relations themselves.
CREATE TABLE espalier_governance.held (
    profile text NOT NULL,
    relid oid NOT NULL,
    privileges text[] NOT NULL,
    PRIMARY KEY (profile, relid)
);
CREATE TABLE espalier_governance.view_schema (
    name name PRIMARY KEY,
    profile text NOT NULL,
    schema name NOT NULL,
    writing boolean NOT NULL,
    UNIQUE (profile, schema, writing)
);
-- Views, schemas and roles that are to be dropped when nobody uses them any more.
CREATE TABLE espalier_governance.retired_view (
    view oid PRIMARY KEY,
    relid oid NOT NULL
);
CREATE TABLE espalier_governance.retired_schema (
    name name PRIMARY KEY
);
CREATE TABLE espalier_governance.retired_profile (
    profile text PRIMARY KEY
);
CREATE TABLE espalier_governance.failure (
    profile text NOT NULL,
    relid oid NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (profile, relid)
);

-- Principals who are let in no more, because what the rules give them could not be given.
CREATE TABLE espalier_governance.shut_out (
    principal name PRIMARY KEY,
    reason text NOT NULL,
    could_sign_in boolean NOT NULL
);

-- What is worth knowing, and nothing wrong.
CREATE TABLE espalier_governance.note (
    profile text NOT NULL,
    relid oid NOT NULL,
    message text NOT NULL,
    -- Whose foreign keys it is about.
    told oid[],
    -- Whether it is about somebody who may not read what a view is made of.
    unread boolean NOT NULL DEFAULT false,
    PRIMARY KEY (profile, relid)
);

-- The functions that masks and filters call, as they were when they were compiled.
CREATE TABLE espalier_governance.function_in_use (
    function oid PRIMARY KEY,
    hash text NOT NULL
);

-- What stood beside the rules when a GRANT began: what comes with it is refused, and what was there before is not its fault.
CREATE TABLE espalier_governance.beside_before (
    xid xid8 NOT NULL,
    finding text NOT NULL
);

-- By their rows, one for each relation, a migration and a change of the rules that compile one relation wait for each other: neither sees what the
-- other has done to it before that is committed. Rows, because anybody could hold an advisory lock.
CREATE TABLE espalier_governance.relation_lock (
    relid oid PRIMARY KEY
);

CREATE FUNCTION espalier_governance.lock_relations(p_relations oid[], p_alone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    -- New ones alone have none yet.
    INSERT INTO espalier_governance.relation_lock (relid)
    SELECT DISTINCT u.relid FROM unnest(p_relations) u (relid)
    WHERE NOT EXISTS (SELECT FROM espalier_governance.relation_lock l WHERE l.relid = u.relid)
    ORDER BY u.relid
    ON CONFLICT DO NOTHING;
    IF NOT p_alone THEN
        PERFORM FROM espalier_governance.relation_lock l WHERE l.relid = ANY (p_relations) ORDER BY l.relid FOR SHARE;
        RETURN;
    END IF;
    FOR each IN
        SELECT c.oid, n.nspname, c.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = ANY (p_relations)
        ORDER BY c.oid
    LOOP
        PERFORM FROM espalier_governance.relation_lock l WHERE l.relid = each.oid FOR UPDATE;
    END LOOP;
EXCEPTION WHEN lock_not_available THEN
    IF each IS NULL THEN
        RAISE;
    END IF;
    -- Tells the change for what it has waited; a migration has the error that PostgreSQL gives.
    RAISE EXCEPTION 'a migration of %.% has not ended', each.nspname, each.relname
        USING ERRCODE = 'EG001', SCHEMA = each.nspname, TABLE = each.relname;
END $$;

-- The row that a change of the rules has to itself before it looks at what there is, and that migrations share when they commit: the change sees what
-- a migration has made, or the migration sees the change.
CREATE TABLE espalier_governance.change (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL DEFAULT 0
);
INSERT INTO espalier_governance.change DEFAULT VALUES;

-- Relations of transactions that are open, which no change can see to compile its rules for them: the number of the last change before, and
-- what the rules came to.
CREATE TABLE espalier_governance.adopted (
    xid xid8 NOT NULL,
    relid oid NOT NULL,
    change bigint NOT NULL,
    rules text NOT NULL,
    PRIMARY KEY (xid, relid)
);

-- The transaction in which Espalier itself is at work. A table, because anybody could set a setting.
CREATE TABLE espalier_governance.busy (
    xid xid8 PRIMARY KEY
);

CREATE FUNCTION espalier_governance.is_busy() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM espalier_governance.busy WHERE xid = pg_current_xact_id_if_assigned())
$$;

CREATE FUNCTION espalier_governance.begin_work() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO espalier_governance.busy (xid) VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION espalier_governance.end_work() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM espalier_governance.busy WHERE xid = pg_current_xact_id()
$$;
