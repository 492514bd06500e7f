-- What governs a database from within: the frame (who may what, compiled from the catalog's rules), the functions that turn
-- it into views, policies and grants, the hooks by which migrations do so in their own transaction, and the probe.
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
    -- What the functions were when they were installed.
    machinery text NOT NULL DEFAULT ''
);
INSERT INTO espalier_governance.state DEFAULT VALUES;

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
-- Functions that need a grant of their own.
CREATE TABLE espalier_governance.function_access (
    profile text NOT NULL,
    function oid NOT NULL,
    PRIMARY KEY (profile, function)
);

-- What was made of it --------------------------------------------------------------------------------------------------

CREATE TABLE espalier_governance.compiled (
    profile text NOT NULL,
    relid oid NOT NULL,
    -- Built and not yet in its place.
    staged boolean NOT NULL,
    view oid NOT NULL,
    write_view oid,
    definition text,
    PRIMARY KEY (profile, relid, staged)
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
    staged boolean NOT NULL,
    UNIQUE (profile, schema, writing, staged)
);
CREATE SEQUENCE espalier_governance.number;
-- Schemas and roles that are to be dropped when nobody uses them any more.
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

-- What is worth knowing, and nothing wrong.
CREATE TABLE espalier_governance.note (
    profile text NOT NULL,
    relid oid NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (profile, relid)
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
    INSERT INTO espalier_governance.busy VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION espalier_governance.end_work() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM espalier_governance.busy WHERE xid = pg_current_xact_id()
$$;

-- Names ----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION espalier_governance.view_role(p_profile text) RETURNS name
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ('espalier_view_' || p_profile)::name
$$;

CREATE FUNCTION espalier_governance.profile_role(p_profile text) RETURNS name
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ('espalier_profile_' || p_profile)::name
$$;

-- Where a profile's views of a schema's tables are: a name of at most 63 bytes.
CREATE FUNCTION espalier_governance.view_schema_name(p_schema name, p_profile text, p_writing boolean) RETURNS name
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ((CASE
                WHEN octet_length(p_schema::text) <= 46 THEN p_schema::text
                ELSE left(convert_from(convert_to(p_schema::text, 'UTF8'), 'UTF8'), 8) || '_'
                     || left(encode(sha256(convert_to(p_schema::text, 'UTF8')), 'hex'), 12)
            END) || '__' || p_profile || CASE WHEN p_writing THEN '_w' ELSE '' END)::name
$$;

CREATE VIEW espalier_governance.governed_schema AS
SELECT n.oid, n.nspname, n.nspowner, n.nspacl
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_'
  AND n.nspname NOT IN ('information_schema', 'espalier', 'espalier_governance', 'espalier_secret', 'espalier_mask')
  AND NOT EXISTS (SELECT FROM espalier_governance.view_schema v WHERE v.name = n.nspname)
  AND NOT EXISTS (SELECT FROM espalier_governance.retired_schema r WHERE r.name = n.nspname);

-- What extensions bring is theirs.
CREATE VIEW espalier_governance.governed_relation AS
SELECT c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.relrowsecurity, n.nspname
FROM pg_catalog.pg_class c
JOIN espalier_governance.governed_schema n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');

-- Types ----------------------------------------------------------------------------------------------------------------

-- Whether values of the type say little by themselves: numbers, booleans, dates, uuids, labels, and lists and ranges of them.
CREATE FUNCTION espalier_governance.says_little(p_type oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    current oid := p_type;
BEGIN
    LOOP
        SELECT typtype, typbasetype, typcategory, typelem INTO t FROM pg_type WHERE oid = current;
        IF t.typtype = 'd' THEN
            current := t.typbasetype;
        ELSIF t.typcategory = 'A' AND t.typelem <> 0 THEN
            current := t.typelem;
        ELSIF t.typtype IN ('r', 'm') THEN
            SELECT rngsubtype INTO current FROM pg_range WHERE rngtypid = current OR rngmultitypid = current;
        ELSE
            RETURN coalesce(t.typcategory IN ('N', 'B', 'D', 'T', 'E') OR current = 'uuid'::regtype, false);
        END IF;
    END LOOP;
END $$;

-- The type that a masked column is shown with: the column's own, and instead of a domain what is below it, because a mask
-- need not keep a domain's constraints.
CREATE FUNCTION espalier_governance.shown_type(p_type oid, p_typmod integer) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    current oid := p_type;
    typmod integer := p_typmod;
BEGIN
    LOOP
        SELECT typtype, typbasetype, typtypmod INTO t FROM pg_type WHERE oid = current;
        EXIT WHEN t.typtype <> 'd';
        typmod := CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE typmod END;
        current := t.typbasetype;
    END LOOP;
    RETURN format_type(current, typmod);
END $$;

-- What is masked for whom ----------------------------------------------------------------------------------------------

CREATE VIEW espalier_governance.directly_masked AS
SELECT r.profile, r.relid, a.attnum, coalesce(m.expression, 'NULL') AS expression
FROM espalier_governance.relation_access r
JOIN pg_catalog.pg_attribute a ON a.attrelid = r.relid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN espalier_governance.mask m ON m.profile = r.profile AND m.relid = r.relid AND m.attnum = a.attnum
LEFT JOIN espalier_governance.known_column k ON k.relid = r.relid AND k.attnum = a.attnum
WHERE CASE
    WHEN m.expression IS NOT NULL THEN true
    WHEN r.masks_unknown = 0 OR k.relid IS NOT NULL THEN false
    WHEN r.masks_unknown = 2 THEN true
    ELSE NOT espalier_governance.says_little(a.atttypid)
END;

CREATE VIEW espalier_governance.masked_column AS
SELECT d.profile, d.relid, d.attnum, d.expression FROM espalier_governance.directly_masked d
UNION ALL
-- What PostgreSQL computes from a masked column is as secret.
SELECT DISTINCT d.profile, d.relid, a.attnum, 'NULL'
FROM espalier_governance.directly_masked d
JOIN pg_catalog.pg_depend p ON p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = d.relid AND p.refobjsubid = d.attnum
    AND p.classid = 'pg_catalog.pg_attrdef'::regclass
JOIN pg_catalog.pg_attrdef f ON f.oid = p.objid AND f.adrelid = d.relid
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.relid AND a.attnum = f.adnum AND a.attgenerated <> '' AND NOT a.attisdropped
WHERE NOT EXISTS (
    SELECT FROM espalier_governance.directly_masked o
    WHERE o.profile = d.profile AND o.relid = d.relid AND o.attnum = a.attnum);

-- Relations that a profile must not get at themselves.
CREATE VIEW espalier_governance.protected_relation AS
SELECT r.profile, r.relid FROM espalier_governance.relation_access r WHERE r.closed IS NOT NULL
UNION ALL
SELECT f.profile, f.relid FROM espalier_governance.filter f
UNION ALL
SELECT m.profile, m.relid FROM espalier_governance.masked_column m;

CREATE FUNCTION espalier_governance.masked_columns(p_profile text, p_rel oid) RETURNS TABLE (attnum smallint, expression text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.attnum, m.expression FROM espalier_governance.masked_column m WHERE m.profile = p_profile AND m.relid = p_rel
$$;

CREATE FUNCTION espalier_governance.is_protected(p_profile text, p_rel oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM espalier_governance.protected_relation p WHERE p.profile = p_profile AND p.relid = p_rel)
$$;

-- What a view is made of, down to the tables.
CREATE FUNCTION espalier_governance.lineage(p_rel oid) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE below (relid) AS (
        SELECT p_rel
        UNION
        SELECT d.refobjid
        FROM below b
        JOIN pg_rewrite w ON w.ev_class = b.relid AND w.ev_type = '1'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    )
    SELECT relid FROM below WHERE relid <> p_rel
$$;

CREATE FUNCTION espalier_governance.ancestors(p_rel oid) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE above (relid) AS (
        SELECT p_rel
        UNION
        SELECT i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.relid
    )
    SELECT relid FROM above WHERE relid <> p_rel
$$;

-- Whether what it is made of, or is a part of, is protected.
CREATE FUNCTION espalier_governance.has_protected_source(p_profile text, p_rel oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
            SELECT FROM espalier_governance.lineage(p_rel) l (relid)
            WHERE espalier_governance.is_protected(p_profile, l.relid)
               OR EXISTS (
                   SELECT FROM espalier_governance.ancestors(l.relid) a (relid)
                   WHERE espalier_governance.is_protected(p_profile, a.relid)))
$$;

CREATE FUNCTION espalier_governance.has_protected_ancestor(p_profile text, p_rel oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM espalier_governance.ancestors(p_rel) a (relid)
        WHERE espalier_governance.is_protected(p_profile, a.relid))
$$;

-- The expression with the columns' names of now.
CREATE FUNCTION espalier_governance.rendered(p_rel oid, p_expression text, p_prefix text) RETURNS text
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text;
    column_name name;
    result text := '';
BEGIN
    -- In one pass: a column's name may have braces in it.
    FOR part IN SELECT m[1] FROM regexp_matches(p_expression, '(\{\d+\}|[^{]+|\{)', 'g') m LOOP
        IF part ~ '^\{\d+\}$' THEN
            SELECT a.attname INTO column_name
            FROM pg_attribute a
            WHERE a.attrelid = p_rel AND a.attnum = btrim(part, '{}')::smallint AND NOT a.attisdropped;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a column that the policy needs has been dropped' USING ERRCODE = 'undefined_column';
            END IF;
            result := result || p_prefix || quote_ident(column_name);
        ELSE
            result := result || part;
        END IF;
    END LOOP;
    RETURN result;
END $$;

-- Functions in masks and filters are bound when they are made, or have a search_path of their own; they do not run with
-- their owners' rights, and give the same for the same.
CREATE FUNCTION espalier_governance.unsafe_functions(p_class oid, p_object oid) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.oid
    FROM pg_depend d
    JOIN pg_proc f ON f.oid = d.refobjid
    WHERE d.classid = p_class AND d.objid = p_object AND d.refclassid = 'pg_proc'::regclass
      AND f.pronamespace <> 'pg_catalog'::regnamespace
      AND (f.prosecdef OR f.provolatile = 'v'
           OR (f.prosqlbody IS NULL AND NOT coalesce(f.proconfig::text LIKE '%search_path=%', false)))
$$;

-- Grants ---------------------------------------------------------------------------------------------------------------

-- Takes from a role whatever it was given on a relation and its columns, by whomever.
CREATE FUNCTION espalier_governance.withdraw(p_rel oid, p_role oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    grantee text := CASE WHEN p_role = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(p_role)) END;
    giver record;
BEGIN
    FOR giver IN
        SELECT DISTINCT x.grantor
        FROM pg_class c
        CROSS JOIN LATERAL (
            SELECT e.grantor, e.grantee FROM aclexplode(c.relacl) e
            UNION
            SELECT e.grantor, e.grantee
            FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e
            WHERE a.attrelid = c.oid) x
        WHERE c.oid = p_rel AND x.grantee = p_role AND x.grantor <> c.relowner AND x.grantor <> p_role
    LOOP
        EXECUTE format('REVOKE GRANT OPTION FOR ALL ON %s FROM %I CASCADE', p_rel::regclass, pg_get_userbyid(giver.grantor));
    END LOOP;
    EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', p_rel::regclass, grantee);
END $$;

-- Gives a profile's role exactly these privileges on a relation.
CREATE FUNCTION espalier_governance.hold(p_profile text, p_rel oid, p_privileges text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    role regrole := quote_ident(espalier_governance.profile_role(p_profile))::regrole;
    has text[];
    on_columns boolean;
BEGIN
    SELECT coalesce(array_agg(x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END ORDER BY x.privilege_type), '{}')
    INTO has
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
    WHERE c.oid = p_rel AND x.grantee = role;
    on_columns := EXISTS (
        SELECT FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) x
        WHERE a.attrelid = p_rel AND x.grantee = role);
    IF has <> p_privileges OR on_columns THEN
        PERFORM espalier_governance.withdraw(p_rel, role);
        IF cardinality(p_privileges) > 0 THEN
            EXECUTE format('GRANT %s ON %s TO %s', array_to_string(p_privileges, ', '), p_rel::regclass, role);
        END IF;
    END IF;
    DELETE FROM espalier_governance.held WHERE profile = p_profile AND relid = p_rel;
    IF cardinality(p_privileges) > 0 THEN
        INSERT INTO espalier_governance.held VALUES (p_profile, p_rel, p_privileges);
    END IF;
END $$;

-- Sequences that fill the relation's columns.
CREATE FUNCTION espalier_governance.lend_sequences(p_profile text, p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    role regrole := quote_ident(espalier_governance.profile_role(p_profile))::regrole;
    each record;
BEGIN
    FOR each IN
        SELECT DISTINCT s.oid
        FROM pg_depend d
        JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = p_rel
          AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
          AND NOT EXISTS (SELECT FROM aclexplode(s.relacl) x WHERE x.grantee = role AND x.privilege_type = 'USAGE')
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %s', each.oid::regclass, role);
    END LOOP;
END $$;

-- Views ----------------------------------------------------------------------------------------------------------------

-- The schema to make a profile's views in.
CREATE FUNCTION espalier_governance.place(p_profile text, p_schema name, p_writing boolean, p_staged boolean) RETURNS name
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result name;
BEGIN
    SELECT name INTO result
    FROM espalier_governance.view_schema
    WHERE profile = p_profile AND schema = p_schema AND writing = p_writing AND staged = p_staged;
    IF FOUND THEN
        RETURN result;
    END IF;
    result := CASE
        WHEN p_staged THEN 'espalier_new_' || nextval('espalier_governance.number')
        ELSE espalier_governance.view_schema_name(p_schema, p_profile, p_writing)
    END;
    INSERT INTO espalier_governance.view_schema VALUES (result, p_profile, p_schema, p_writing, p_staged);
    EXECUTE format('CREATE SCHEMA %I', result);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I', result,
        espalier_governance.view_role(p_profile), espalier_governance.profile_role(p_profile));
    RETURN result;
END $$;

-- All that a definition is, who owns it and who may use it.
CREATE FUNCTION espalier_governance.definition(p_view oid, p_write_view oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws(chr(10),
        n.nspname, c.relname, pg_get_userbyid(c.relowner), c.reloptions::text,
        (SELECT string_agg(x.grantee::regrole || ' ' || x.privilege_type || x.is_grantable::text, ',' ORDER BY x.grantee::regrole::text, x.privilege_type)
         FROM aclexplode(c.relacl) x),
        (SELECT string_agg(a.attname || a.attacl::text, ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL),
        (SELECT string_agg(pg_get_triggerdef(t.oid) || t.tgenabled::text || f.prosrc || f.prosecdef || coalesce(f.proconfig::text, '')
                    || pg_get_userbyid(f.proowner), chr(10) ORDER BY t.tgname)
         FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid WHERE t.tgrelid = c.oid),
        -- The query itself, as PostgreSQL keeps it: to print it takes ten times as long.
        (SELECT string_agg(concat_ws(' ', w.rulename, w.ev_type, w.ev_enabled, md5(w.ev_action::text)), ',' ORDER BY w.rulename)
         FROM pg_rewrite w WHERE w.ev_class = c.oid)
    ), chr(10) ORDER BY c.oid = p_view DESC), ''), 'UTF8')), 'hex')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid IN (p_view, p_write_view)
$$;

-- Drops what was compiled of a relation, and what was built on that.
CREATE FUNCTION espalier_governance.release(p_profile text, p_rel oid, p_staged boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    each record;
BEGIN
    FOR each IN
        DELETE FROM espalier_governance.compiled
        WHERE profile = p_profile AND relid = p_rel AND staged = p_staged
        RETURNING view, write_view
    LOOP
        IF EXISTS (SELECT FROM pg_class WHERE oid = each.view) THEN
            EXECUTE format('DROP VIEW %s CASCADE', each.view::regclass);
        END IF;
        IF EXISTS (SELECT FROM pg_class WHERE oid = each.write_view) THEN
            EXECUTE format('DROP VIEW %s CASCADE', each.write_view::regclass);
        END IF;
    END LOOP;
END $$;

-- Base schemas, each with the profile's views of it before it: names in a view's text then find the views.
CREATE FUNCTION espalier_governance.search_path_for(p_profile text, p_staged boolean) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(coalesce(quote_ident(v.name) || ', ', '') || quote_ident(s.nspname), ', ' ORDER BY s.nspname) || ', pg_temp'
    FROM espalier_governance.governed_schema s
    LEFT JOIN espalier_governance.view_schema v
        ON v.profile = p_profile AND v.schema = s.nspname AND NOT v.writing AND v.staged = p_staged
$$;

-- The text of an application's view, with what it is made of replaced by the profile's views.
CREATE FUNCTION espalier_governance.rebound_text(p_rel oid) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('search_path',
        (SELECT string_agg(quote_ident(nspname), ', ' ORDER BY nspname) || ', pg_temp' FROM espalier_governance.governed_schema),
        true);
    RETURN rtrim(pg_get_viewdef(p_rel), ';');
END $$;

CREATE FUNCTION espalier_governance.create_rebound(p_profile text, p_view text, p_staged boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('search_path', espalier_governance.search_path_for(p_profile, p_staged), true);
    EXECUTE p_view;
END $$;

-- Compiles a relation for a profile: nothing, grants on the relation itself, or a view of it and what is needed to write.
CREATE FUNCTION espalier_governance.compile_relation(p_profile text, p_rel oid, p_staged boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    r record;
    access espalier_governance.relation_access;
    c record;
    below record;
    view_role name := espalier_governance.view_role(p_profile);
    profile_role name := espalier_governance.profile_role(p_profile);
    plain boolean;
    rebound boolean := false;
    closed_source boolean := false;
    filter text;
    columns text := '';
    masks integer := 0;
    expression text;
    place name;
    source text;
    statement text;
    loose text;
    view oid;
BEGIN
    SELECT * INTO r FROM espalier_governance.governed_relation WHERE oid = p_rel;
    IF NOT FOUND OR EXISTS (
            SELECT FROM espalier_governance.compiled k JOIN pg_class v ON v.oid = k.view
            WHERE k.profile = p_profile AND k.relid = p_rel AND k.staged = p_staged) THEN
        RETURN;
    END IF;
    SELECT * INTO access FROM espalier_governance.relation_access WHERE profile = p_profile AND relid = p_rel;
    DELETE FROM espalier_governance.failure WHERE profile = p_profile AND relid = p_rel;
    DELETE FROM espalier_governance.note WHERE profile = p_profile AND relid = p_rel;
    IF access.relid IS NULL OR access.closed IS NOT NULL OR espalier_governance.has_protected_ancestor(p_profile, p_rel) THEN
        PERFORM espalier_governance.hold(p_profile, p_rel, '{}');
        RETURN;
    END IF;
    plain := r.relkind IN ('r', 'p');
    IF r.relkind IN ('v', 'm') THEN
        closed_source := espalier_governance.has_protected_source(p_profile, p_rel);
        rebound := closed_source AND r.relkind = 'v';
    END IF;
    IF r.relkind = 'm' AND closed_source AND EXISTS (
            SELECT FROM espalier_governance.lineage(p_rel) l (relid)
            JOIN espalier_governance.filter f ON f.profile = p_profile AND f.relid = l.relid) THEN
        RAISE EXCEPTION 'a materialized view holds rows that a filter hides';
    END IF;
    IF NOT plain THEN
        SELECT f.expression INTO filter FROM espalier_governance.filter f WHERE f.profile = p_profile AND f.relid = p_rel;
    END IF;
    FOR c IN
        SELECT a.attname, a.attcollation, t.typcollation, espalier_governance.shown_type(a.atttypid, a.atttypmod) AS type,
               -- What a materialized view holds was never masked.
               coalesce(m.expression, CASE WHEN r.relkind = 'm' AND closed_source THEN 'NULL' END) AS expression
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN espalier_governance.masked_columns(p_profile, p_rel) m ON m.attnum = a.attnum
        WHERE a.attrelid = p_rel AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
    LOOP
        IF c.expression IS NULL THEN
            expression := format('t.%I', c.attname);
        ELSE
            masks := masks + 1;
            -- The very type and modifier: prepared statements survive a change of policy.
            expression := format('(%s)::%s', espalier_governance.rendered(p_rel, c.expression, 't.'), c.type);
            IF c.attcollation <> 0 AND c.attcollation <> c.typcollation THEN
                expression := expression || ' COLLATE ' || c.attcollation::regcollation;
            END IF;
            expression := expression || format(' AS %I', c.attname);
        END IF;
        columns := columns || CASE WHEN columns = '' THEN '' ELSE ', ' END || expression;
    END LOOP;
    IF access.writes AND plain THEN
        loose := espalier_governance.unpinned_trigger(p_rel, masks > 0);
        IF loose IS NOT NULL AND EXISTS (
                SELECT FROM espalier_governance.profile f WHERE f.profile = p_profile AND f.bound) THEN
            access.writes := false;
            INSERT INTO espalier_governance.note VALUES (p_profile, p_rel,
                'those whom a policy binds cannot write it, because its trigger function ' || loose
                || ' could be made to show them whole rows: ALTER FUNCTION ' || loose || ' SET search_path = ' || quote_ident(r.nspname) || ', pg_temp');
        END IF;
    END IF;
    IF masks = 0 AND filter IS NULL AND NOT rebound THEN
        PERFORM espalier_governance.hold(p_profile, p_rel, CASE
            WHEN access.reads AND access.writes AND r.relkind <> 'm' THEN '{DELETE,INSERT,SELECT,UPDATE}'::text[]
            WHEN access.reads THEN '{SELECT}'
            ELSE '{}'
        END);
        IF access.reads AND access.writes AND plain THEN
            PERFORM espalier_governance.lend_sequences(p_profile, p_rel);
        END IF;
        RETURN;
    END IF;
    PERFORM espalier_governance.hold(p_profile, p_rel, '{}');
    IF rebound THEN
        FOR below IN
            SELECT DISTINCT g.oid, g.nspname, espalier_governance.is_protected(p_profile, g.oid)
                   OR espalier_governance.has_protected_source(p_profile, g.oid) AS protected
            FROM pg_rewrite w
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            JOIN espalier_governance.governed_relation g ON g.oid = d.refobjid
            WHERE w.ev_class = p_rel AND w.ev_type = '1' AND d.refobjid <> p_rel
        LOOP
            IF below.protected THEN
                PERFORM espalier_governance.compile_relation(p_profile, below.oid, p_staged);
            END IF;
            -- Filters of tables hold for the views' owner, too; what is masked he is checked not to use, below.
            IF NOT below.protected OR NOT EXISTS (SELECT FROM espalier_governance.masked_columns(p_profile, below.oid)) THEN
                EXECUTE format('GRANT SELECT ON %s TO %I', below.oid::regclass, view_role);
            END IF;
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', below.nspname, view_role);
        END LOOP;
        source := '(' || espalier_governance.rebound_text(p_rel) || ')';
    ELSE
        source := p_rel::regclass::text;
        EXECUTE format('GRANT SELECT%s ON %s TO %I',
            CASE WHEN access.writes AND plain THEN ', INSERT, UPDATE, DELETE' ELSE '' END, p_rel::regclass, view_role);
    END IF;
    place := espalier_governance.place(p_profile, r.nspname, false, p_staged);
    statement := format('CREATE VIEW %I.%I%s AS SELECT %s FROM %s t%s',
        place, r.relname,
        CASE WHEN filter IS NOT NULL THEN ' WITH (security_barrier = true)' ELSE '' END,
        columns, source,
        coalesce(' WHERE ' || espalier_governance.rendered(p_rel, filter, 't.'), ''));
    IF rebound THEN
        PERFORM espalier_governance.create_rebound(p_profile, statement, p_staged);
    ELSE
        EXECUTE statement;
    END IF;
    view := format('%I.%I', place, r.relname)::regclass;
    EXECUTE format('ALTER VIEW %s OWNER TO %I', view::regclass, view_role);
    IF EXISTS (
            SELECT FROM pg_rewrite w CROSS JOIN LATERAL espalier_governance.unsafe_functions('pg_rewrite'::regclass, w.oid) u
            WHERE w.ev_class = view) AND NOT rebound THEN
        RAISE EXCEPTION 'a mask function is not bound: make it LANGUAGE sql with BEGIN ATOMIC, or give it a search_path of its own; neither volatile nor SECURITY DEFINER';
    END IF;
    IF rebound AND EXISTS (
            SELECT FROM pg_rewrite w
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            JOIN espalier_governance.governed_relation g ON g.oid = d.refobjid
            WHERE w.ev_class = view
              AND (EXISTS (SELECT FROM espalier_governance.masked_columns(p_profile, g.oid))
                   OR espalier_governance.has_protected_ancestor(p_profile, g.oid)
                   OR espalier_governance.has_protected_source(p_profile, g.oid)
                   OR EXISTS (SELECT FROM espalier_governance.relation_access a
                              WHERE a.profile = p_profile AND a.relid = g.oid AND a.closed IS NOT NULL))) THEN
        RAISE EXCEPTION 'the view names a table in a way that its masked view cannot take the place of';
    END IF;
    INSERT INTO espalier_governance.compiled VALUES (p_profile, p_rel, p_staged, view, NULL, NULL);
    IF access.reads THEN
        EXECUTE format('GRANT SELECT%s ON %s TO %I',
            CASE WHEN access.writes AND plain THEN ', INSERT, UPDATE, DELETE' ELSE '' END, view::regclass, profile_role);
        IF access.writes AND plain THEN
            PERFORM espalier_governance.compile_writing(p_profile, p_rel, p_staged, view);
            PERFORM espalier_governance.lend_sequences(p_profile, p_rel);
        END IF;
    END IF;
END $$;

-- The body goes in as a literal: it holds names that the application's owner chose.
CREATE FUNCTION espalier_governance.make_trigger_function(p_name text, p_owner name, p_body text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS %L',
        p_name, p_body);
    EXECUTE format('ALTER FUNCTION %s() OWNER TO %I', p_name, p_owner);
    EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', p_name);
END $$;

-- A trigger's function whose search_path is the caller's: he can put a temporary table or view in the place of what it names.
-- It would write whole rows into his table, or run his functions with its owner's rights.
CREATE FUNCTION espalier_governance.unpinned_trigger(p_rel oid, p_masked boolean) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE part (relid) AS (
        SELECT p_rel
        UNION
        SELECT i.inhrelid FROM part p JOIN pg_inherits i ON i.inhparent = p.relid
    )
    SELECT min(f.oid::regprocedure::text)
    FROM part p
    JOIN pg_trigger t ON t.tgrelid = p.relid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
    JOIN pg_proc f ON f.oid = t.tgfoid
    JOIN pg_language l ON l.oid = f.prolang AND l.lanname NOT IN ('c', 'internal')
    WHERE (p_masked OR f.prosecdef)
      AND NOT EXISTS (SELECT FROM unnest(f.proconfig) c (setting) WHERE c.setting ~ '^search_path=.+, *"?pg_temp"?$')
$$;

-- Writing through a masked view: what the writer was shown masked and gives back unchanged is left as it is, and what he
-- changes of it is refused. The triggers run with his own rights on a second view of the table, so that an error shows no
-- more of a row than he wrote.
CREATE FUNCTION espalier_governance.compile_writing(p_profile text, p_rel oid, p_staged boolean, p_view oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    c record;
    view_role name := espalier_governance.view_role(p_profile);
    profile_role name := espalier_governance.profile_role(p_profile);
    base_schema name;
    table_name name;
    place name;
    write_name text;
    -- Names as they will be when the views are in their place: the triggers look them up when they run.
    final_view text;
    final_write_view text;
    keys name[];
    readable text := '';
    insertable text := '';
    updatable text := '';
    checks text := '';
    new_values text := '';
    changes integer := 0;
    inserted text := '';
    inserted_values text := '';
    key_is_old text := '';
    key_columns text := '';
    key_variables text := '';
    key_declarations text := '';
    key_is_variable text := '';
    key_number integer := 0;
    identity name;
    function text;
BEGIN
    SELECT n.nspname, t.relname INTO base_schema, table_name
    FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.oid = p_rel;
    SELECT array_agg(a.attname ORDER BY k.ord) INTO keys
    FROM pg_index x
    CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY k (attnum, ord)
    JOIN pg_attribute a ON a.attrelid = p_rel AND a.attnum = k.attnum
    WHERE x.indrelid = p_rel AND x.indisprimary AND k.ord <= x.indnkeyatts;
    IF keys IS NULL OR EXISTS (
            SELECT FROM espalier_governance.masked_columns(p_profile, p_rel) m
            JOIN pg_attribute a ON a.attrelid = p_rel AND a.attnum = m.attnum
            WHERE a.attname = ANY (keys)) THEN
        -- No row can be told by what the writer sees of it: PostgreSQL's own writing through views is left.
        RETURN;
    END IF;
    place := espalier_governance.place(p_profile, base_schema, true, p_staged);
    write_name := format('%I.%I', place, table_name);
    final_view := format('%I.%I', espalier_governance.view_schema_name(base_schema, p_profile, false), table_name);
    final_write_view := format('%I.%I', espalier_governance.view_schema_name(base_schema, p_profile, true), table_name);
    EXECUTE format('CREATE VIEW %s WITH (check_option = cascaded) AS SELECT * FROM %s', write_name, p_rel::regclass);
    EXECUTE format('ALTER VIEW %s OWNER TO %I', write_name, view_role);
    UPDATE espalier_governance.compiled SET write_view = write_name::regclass
    WHERE profile = p_profile AND relid = p_rel AND staged = p_staged;
    FOR c IN
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated <> '' AS generated, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid) AS default_value, a.attname = ANY (keys) AS is_key, m.attnum IS NOT NULL AS masked,
               -- Types without an equality of their own, or with one that is not PostgreSQL's, are compared as texts.
               CASE
                   WHEN t.typnamespace <> 'pg_catalog'::regnamespace OR t.typcategory IN ('A', 'G')
                       OR t.typname IN ('json', 'xml', 'jsonpath') THEN '::text'
                   ELSE ''
               END AS compared
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
        LEFT JOIN espalier_governance.masked_columns(p_profile, p_rel) m ON m.attnum = a.attnum
        WHERE a.attrelid = p_rel AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
    LOOP
        IF NOT c.masked THEN
            readable := readable || format(', %I', c.attname);
        END IF;
        IF NOT c.generated THEN
            insertable := insertable || format(', %I', c.attname);
            IF NOT c.masked AND NOT c.is_key THEN
                updatable := updatable || format(', %I', c.attname);
            END IF;
        END IF;
        IF c.is_key THEN
            key_number := key_number + 1;
            key_is_old := key_is_old || format(' AND %I = $%s', c.attname, array_position(keys, c.attname));
            key_columns := key_columns || format(', %I', c.attname);
            key_variables := key_variables || format(', key_%s', key_number);
            key_declarations := key_declarations || format('    key_%s %s;%s', key_number, c.type, chr(10));
            key_is_variable := key_is_variable || format(' AND t.%I = key_%s', c.attname, key_number);
            checks := checks || format($t$
    IF NEW.%1$I IS DISTINCT FROM OLD.%1$I THEN
        RAISE EXCEPTION 'the key column %% of a table with masks cannot be changed', %2$L USING ERRCODE = '42501';
    END IF;$t$, c.attname, c.attname);
        ELSIF c.generated THEN
            NULL;
        ELSIF c.masked THEN
            checks := checks || format($t$
    IF NEW.%1$I%3$s IS DISTINCT FROM OLD.%1$I%3$s THEN
        RAISE EXCEPTION 'column %% is masked for you, and you cannot change it', %2$L
            USING ERRCODE = '42501', HINT = 'Leave it as you read it, or out.';
    END IF;$t$, c.attname, c.attname, c.compared);
        ELSE
            changes := changes + 1;
            checks := checks || format($t$
    IF NEW.%1$I%3$s IS DISTINCT FROM OLD.%1$I%3$s THEN
        changed := changed || %2$L;
    END IF;$t$, c.attname, format(', %I = $%s', c.attname, array_length(keys, 1) + changes), c.compared);
            new_values := new_values || format(', NEW.%I', c.attname);
        END IF;
        IF NOT c.generated AND c.attidentity = '' THEN
            inserted := inserted || format(', %I', c.attname);
            inserted_values := inserted_values || format(', NEW.%I', c.attname);
        ELSIF c.attidentity <> '' THEN
            identity := c.attname;
        END IF;
        -- A default of the view's own: a column that is left out gets it, and one that is said to be NULL stays NULL. The
        -- default of a masked column could tell of its values.
        IF c.default_value IS NOT NULL AND NOT c.masked THEN
            EXECUTE format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', p_view::regclass, c.attname, c.default_value);
        END IF;
    END LOOP;
    EXECUTE format('GRANT SELECT (%s), INSERT (%s), UPDATE (%s), DELETE ON %s TO %I',
        substr(readable, 3), substr(insertable, 3), coalesce(nullif(substr(updatable, 3), ''), substr(readable, 3)),
        write_name, profile_role);

    function := format('%I.update_%s', place, p_rel);
    PERFORM espalier_governance.make_trigger_function(function, view_role, format($f$
DECLARE
    changed text := '';
    touched bigint;
BEGIN%1$s
    IF changed <> '' THEN
        EXECUTE %2$L || substr(changed, 3) || %3$L USING %4$s%5$s;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched = 0 THEN
            RETURN NULL;
        END IF;
        SELECT * INTO NEW FROM %6$s t WHERE %7$s;
    END IF;
    RETURN NEW;
END $f$,
        checks, format('UPDATE %s SET ', final_write_view), ' WHERE ' || substr(key_is_old, 6),
        (SELECT string_agg(format('OLD.%I', k.name), ', ' ORDER BY k.ord) FROM unnest(keys) WITH ORDINALITY k (name, ord)),
        new_values, final_view,
        (SELECT string_agg(format('t.%1$I = OLD.%1$I', k.name), ' AND ') FROM unnest(keys) k (name))));
    EXECUTE format('CREATE TRIGGER espalier_update INSTEAD OF UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
        p_view::regclass, function);

    function := format('%I.insert_%s', place, p_rel);
    PERFORM espalier_governance.make_trigger_function(function, view_role, format($f$
DECLARE
%1$sBEGIN
    %2$s
    SELECT * INTO NEW FROM %3$s t WHERE %4$s;
    RETURN NEW;
END $f$,
        key_declarations,
        CASE
            WHEN identity IS NULL THEN format('INSERT INTO %s (%s) VALUES (%s) RETURNING %s INTO %s;', final_write_view,
                substr(inserted, 3), substr(inserted_values, 3), substr(key_columns, 3), substr(key_variables, 3))
            ELSE format($i$IF NEW.%1$I IS NULL THEN
        INSERT INTO %2$s (%3$s) VALUES (%4$s) RETURNING %5$s INTO %6$s;
    ELSE
        INSERT INTO %2$s (%1$I%7$s) VALUES (NEW.%1$I%8$s) RETURNING %5$s INTO %6$s;
    END IF;$i$, identity, final_write_view,
                coalesce(nullif(substr(inserted, 3), ''), quote_ident(identity)),
                coalesce(nullif(substr(inserted_values, 3), ''), 'DEFAULT'),
                substr(key_columns, 3), substr(key_variables, 3), inserted, inserted_values)
        END,
        final_view, substr(key_is_variable, 6)));
    EXECUTE format('CREATE TRIGGER espalier_insert INSTEAD OF INSERT ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
        p_view::regclass, function);
END $$;

-- Row filters ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION espalier_governance.policy_definition(p_profile text, p_rel oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(c.relrowsecurity::text || coalesce(string_agg(concat_ws('|',
        p.polname, p.polcmd, p.polpermissive,
        (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END, ',' ORDER BY r) FROM unnest(p.polroles) r),
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), chr(10) ORDER BY p.polname), ''), 'UTF8')), 'hex')
    FROM pg_class c
    LEFT JOIN pg_policy p
        ON p.polrelid = c.oid AND p.polname IN ('espalier_filter_' || p_profile, 'espalier_open_' || p_profile)
    WHERE c.oid = p_rel
    GROUP BY c.oid, c.relrowsecurity
$$;

-- Makes a table's policies for a profile what they should be. Whoever is not governed sees what he saw before. Takes the
-- table's strongest lock, and only if something changes.
CREATE FUNCTION espalier_governance.compile_filter(p_profile text, p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    r record;
    wanted text;
    view_role name := espalier_governance.view_role(p_profile);
    profile_role name := espalier_governance.profile_role(p_profile);
    opened boolean;
BEGIN
    SELECT * INTO r FROM espalier_governance.governed_relation WHERE oid = p_rel AND relkind IN ('r', 'p');
    IF NOT FOUND THEN
        DELETE FROM espalier_governance.compiled_filter WHERE profile = p_profile AND relid = p_rel;
        RETURN;
    END IF;
    SELECT espalier_governance.rendered(p_rel, f.expression, '') INTO wanted
    FROM espalier_governance.filter f WHERE f.profile = p_profile AND f.relid = p_rel;
    IF EXISTS (
            SELECT FROM espalier_governance.compiled_filter f
            WHERE f.profile = p_profile AND f.relid = p_rel AND f.expression = wanted
              AND f.definition = espalier_governance.policy_definition(p_profile, p_rel)) THEN
        RETURN;
    END IF;
    opened := EXISTS (SELECT FROM pg_policy WHERE polrelid = p_rel AND polname = 'espalier_open');
    IF EXISTS (
            SELECT FROM pg_policy
            WHERE polrelid = p_rel AND polname IN ('espalier_filter_' || p_profile, 'espalier_open_' || p_profile)) THEN
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', 'espalier_filter_' || p_profile, p_rel::regclass);
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', 'espalier_open_' || p_profile, p_rel::regclass);
    END IF;
    DELETE FROM espalier_governance.compiled_filter WHERE profile = p_profile AND relid = p_rel;
    IF wanted IS NULL THEN
        IF opened AND NOT EXISTS (
                SELECT FROM pg_policy WHERE polrelid = p_rel AND polname LIKE 'espalier\_filter\_%') THEN
            EXECUTE format('DROP POLICY espalier_open ON %s', p_rel::regclass);
            EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', p_rel::regclass);
        END IF;
        RETURN;
    END IF;
    IF NOT r.relrowsecurity THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_rel::regclass);
        IF NOT opened THEN
            EXECUTE format('CREATE POLICY espalier_open ON %s FOR ALL TO PUBLIC USING (true) WITH CHECK (true)', p_rel::regclass);
        END IF;
    ELSIF NOT opened THEN
        EXECUTE format('CREATE POLICY %I ON %s FOR ALL TO %I, %I USING (true) WITH CHECK (true)',
            'espalier_open_' || p_profile, p_rel::regclass, view_role, profile_role);
    END IF;
    EXECUTE format('CREATE POLICY %I ON %s AS RESTRICTIVE FOR ALL TO %I, %I USING (%s) WITH CHECK (%s)',
        'espalier_filter_' || p_profile, p_rel::regclass, view_role, profile_role, wanted, wanted);
    IF EXISTS (
            SELECT FROM pg_policy p CROSS JOIN LATERAL espalier_governance.unsafe_functions('pg_policy'::regclass, p.oid) u
            WHERE p.polrelid = p_rel AND p.polname = 'espalier_filter_' || p_profile) THEN
        RAISE EXCEPTION 'a filter function is not bound: make it LANGUAGE sql with BEGIN ATOMIC, or give it a search_path of its own; neither volatile nor SECURITY DEFINER';
    END IF;
    INSERT INTO espalier_governance.compiled_filter
    VALUES (p_profile, p_rel, wanted, espalier_governance.policy_definition(p_profile, p_rel));
END $$;

-- Applying -------------------------------------------------------------------------------------------------------------

-- What cannot be compiled is closed to the profile, and never left as it was.
CREATE FUNCTION espalier_governance.compile_guarded(p_profile text, p_rel oid, p_staged boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM espalier_governance.compile_filter(p_profile, p_rel);
    PERFORM espalier_governance.compile_relation(p_profile, p_rel, p_staged);
EXCEPTION
    WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
        RAISE;
    WHEN OTHERS THEN
        PERFORM espalier_governance.release(p_profile, p_rel, p_staged);
        IF EXISTS (SELECT FROM pg_class WHERE oid = p_rel) THEN
            PERFORM espalier_governance.hold(p_profile, p_rel, '{}');
        END IF;
        INSERT INTO espalier_governance.failure VALUES (p_profile, p_rel, SQLERRM)
        ON CONFLICT (profile, relid) DO UPDATE SET message = excluded.message;
END $$;

CREATE FUNCTION espalier_governance.seal(p_profile text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE espalier_governance.compiled k
    SET definition = d.definition
    FROM (SELECT profile, relid, staged, espalier_governance.definition(view, write_view) AS definition
          FROM espalier_governance.compiled) d
    WHERE k.profile = p_profile AND NOT k.staged
      AND d.profile = k.profile AND d.relid = k.relid AND d.staged = k.staged
      AND k.definition IS DISTINCT FROM d.definition
$$;

-- Takes a schema of views out of use. Statements that run on them go on; the next ones find the new ones.
CREATE FUNCTION espalier_governance.retire_schema(p_schema name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
    retired name := 'espalier_old_' || nextval('espalier_governance.number');
BEGIN
    DELETE FROM espalier_governance.view_schema WHERE name = p_schema;
    INSERT INTO espalier_governance.retired_schema VALUES (retired);
    FOR each IN
        SELECT c.oid, x.grantee
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT e.grantee FROM aclexplode(c.relacl) e
            UNION
            SELECT e.grantee FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e WHERE a.attrelid = c.oid) x
        WHERE n.nspname = p_schema AND x.grantee <> c.relowner
    LOOP
        PERFORM espalier_governance.withdraw(each.oid, each.grantee);
    END LOOP;
    FOR each IN
        SELECT DISTINCT x.grantee
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
        WHERE n.nspname = p_schema AND x.grantee <> n.nspowner
    LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %s', p_schema,
            CASE each.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(each.grantee)) END);
    END LOOP;
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', p_schema, retired);
END $$;

-- Puts what is staged in the place of what is there.
CREATE FUNCTION espalier_governance.swap(p_profile text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
    final name;
BEGIN
    FOR each IN SELECT name FROM espalier_governance.view_schema WHERE profile = p_profile AND NOT staged LOOP
        IF EXISTS (SELECT FROM pg_namespace WHERE nspname = each.name) THEN
            PERFORM espalier_governance.retire_schema(each.name);
        ELSE
            DELETE FROM espalier_governance.view_schema WHERE name = each.name;
        END IF;
    END LOOP;
    FOR each IN SELECT name, schema, writing FROM espalier_governance.view_schema WHERE profile = p_profile AND staged LOOP
        final := espalier_governance.view_schema_name(each.schema, p_profile, each.writing);
        EXECUTE format('ALTER SCHEMA %I RENAME TO %I', each.name, final);
        UPDATE espalier_governance.view_schema SET name = final, staged = false WHERE name = each.name;
    END LOOP;
    DELETE FROM espalier_governance.compiled WHERE profile = p_profile AND NOT staged;
    UPDATE espalier_governance.compiled SET staged = false WHERE profile = p_profile;
END $$;

CREATE FUNCTION espalier_governance.hold_schema(p_role name, p_schema name, p_privileges text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    has text[];
BEGIN
    SELECT coalesce(array_agg(x.privilege_type::text ORDER BY x.privilege_type), '{}') INTO has
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
    WHERE n.nspname = p_schema AND x.grantee = quote_ident(p_role)::regrole;
    IF has <> p_privileges THEN
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I CASCADE', p_schema, p_role);
        IF cardinality(p_privileges) > 0 THEN
            EXECUTE format('GRANT %s ON SCHEMA %I TO %I', array_to_string(p_privileges, ', '), p_schema, p_role);
        END IF;
    END IF;
END $$;

-- A role that nobody signs in as, and that has nothing by itself.
CREATE FUNCTION espalier_governance.make_role(p_role name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r record;
    each record;
BEGIN
    SELECT * INTO r FROM pg_roles WHERE rolname = p_role;
    IF NOT FOUND THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', p_role);
        RETURN;
    END IF;
    IF r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION', p_role);
    END IF;
    FOR each IN
        SELECT pg_get_userbyid(m.roleid) AS role, pg_get_userbyid(m.member) AS member, g.rolname AS grantor
        FROM pg_auth_members m LEFT JOIN pg_roles g ON g.oid = m.grantor
        WHERE m.member = r.oid OR (m.roleid = r.oid AND p_role !~ '^espalier_profile_')
    LOOP
        PERFORM espalier_governance.revoke_role(each.role, each.member, each.grantor);
    END LOOP;
END $$;

CREATE FUNCTION espalier_governance.lend_schemas(p_profile text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT s.nspname, a.uses, a.creates
        FROM espalier_governance.governed_schema s
        CROSS JOIN LATERAL (
            SELECT * FROM espalier_governance.schema_access x
            WHERE x.profile = p_profile AND x.schema IN (s.nspname, '')
            ORDER BY x.schema DESC LIMIT 1) a
    LOOP
        PERFORM espalier_governance.hold_schema(espalier_governance.profile_role(p_profile), each.nspname,
            CASE WHEN each.uses AND each.creates THEN '{CREATE,USAGE}'::text[] WHEN each.uses THEN '{USAGE}' ELSE '{}' END);
        PERFORM espalier_governance.hold_schema(espalier_governance.view_role(p_profile), each.nspname, '{USAGE}');
    END LOOP;
END $$;

CREATE FUNCTION espalier_governance.compile_profile(p_profile text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    PERFORM espalier_governance.make_role(espalier_governance.view_role(p_profile));
    PERFORM espalier_governance.make_role(espalier_governance.profile_role(p_profile));
    DELETE FROM espalier_governance.retired_profile WHERE profile = p_profile;
    PERFORM espalier_governance.lend_schemas(p_profile);
    PERFORM espalier_governance.hold_schema(espalier_governance.view_role(p_profile), 'espalier_secret', '{USAGE}');
    EXECUTE format('GRANT SELECT ON espalier_secret.key TO %I', espalier_governance.view_role(p_profile));
    DELETE FROM espalier_governance.failure WHERE profile = p_profile;
    FOR each IN SELECT oid FROM espalier_governance.governed_relation ORDER BY relkind = 'v', oid LOOP
        PERFORM espalier_governance.compile_guarded(p_profile, each.oid, true);
    END LOOP;
    PERFORM espalier_governance.swap(p_profile);
    FOR each IN
        SELECT f.oid
        FROM pg_proc f CROSS JOIN LATERAL aclexplode(f.proacl) x
        WHERE x.grantee = quote_ident(espalier_governance.profile_role(p_profile))::regrole
          AND f.oid NOT IN (SELECT function FROM espalier_governance.function_access WHERE profile = p_profile)
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %I', each.oid::regprocedure, espalier_governance.profile_role(p_profile));
    END LOOP;
    FOR each IN
        SELECT a.function
        FROM espalier_governance.function_access a JOIN pg_proc f ON f.oid = a.function
        WHERE a.profile = p_profile
    LOOP
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I', each.function::regprocedure, espalier_governance.profile_role(p_profile));
    END LOOP;
    PERFORM espalier_governance.seal(p_profile);
END $$;

-- Takes everything from a profile that nobody has any more.
CREATE FUNCTION espalier_governance.retire_profile(p_profile text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
    role name;
BEGIN
    INSERT INTO espalier_governance.retired_profile VALUES (p_profile) ON CONFLICT DO NOTHING;
    FOR each IN
        SELECT m.member, g.rolname AS grantor
        FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid LEFT JOIN pg_roles g ON g.oid = m.grantor
        WHERE r.rolname = espalier_governance.profile_role(p_profile)
    LOOP
        PERFORM espalier_governance.revoke_role(espalier_governance.profile_role(p_profile), pg_get_userbyid(each.member), each.grantor);
    END LOOP;
    FOR each IN SELECT relid FROM espalier_governance.held h WHERE h.profile = p_profile AND EXISTS (SELECT FROM pg_class WHERE oid = h.relid) LOOP
        PERFORM espalier_governance.hold(p_profile, each.relid, '{}');
    END LOOP;
    FOR each IN SELECT name FROM espalier_governance.view_schema WHERE profile = p_profile LOOP
        PERFORM espalier_governance.retire_schema(each.name);
    END LOOP;
    DELETE FROM espalier_governance.filter WHERE profile = p_profile;
    FOR each IN SELECT relid FROM espalier_governance.compiled_filter WHERE profile = p_profile LOOP
        PERFORM espalier_governance.compile_filter(p_profile, each.relid);
    END LOOP;
    DELETE FROM espalier_governance.compiled WHERE profile = p_profile;
    DELETE FROM espalier_governance.held WHERE profile = p_profile;
    DELETE FROM espalier_governance.failure WHERE profile = p_profile;
    DELETE FROM espalier_governance.note WHERE profile = p_profile;
END $$;

-- What is left of schemas and roles out of use, one at a time.
CREATE FUNCTION espalier_governance.tidy() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error SET lock_timeout = '50ms' AS $$
DECLARE
    each record;
    role name;
    left_over boolean := false;
BEGIN
    PERFORM espalier_governance.begin_work();
    FOR each IN SELECT name FROM espalier_governance.retired_schema LOOP
        BEGIN
            EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', each.name);
            DELETE FROM espalier_governance.retired_schema WHERE name = each.name;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            left_over := true;
        END;
    END LOOP;
    IF NOT left_over THEN
        FOR each IN SELECT profile FROM espalier_governance.retired_profile LOOP
            BEGIN
                FOREACH role IN ARRAY ARRAY[espalier_governance.view_role(each.profile), espalier_governance.profile_role(each.profile)] LOOP
                    IF EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
                        EXECUTE format('DROP OWNED BY %I', role);
                        EXECUTE format('DROP ROLE %I', role);
                    END IF;
                END LOOP;
                DELETE FROM espalier_governance.retired_profile WHERE profile = each.profile;
            EXCEPTION WHEN lock_not_available OR deadlock_detected OR dependent_objects_still_exist THEN
                NULL;
            END;
        END LOOP;
    END IF;
    DELETE FROM espalier_governance.held h WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = h.relid);
    PERFORM espalier_governance.end_work();
END $$;

-- Takes a membership away, whoever gave it.
CREATE FUNCTION espalier_governance.revoke_role(p_role name, p_member name, p_grantor name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
BEGIN
    EXECUTE format('REVOKE %I FROM %I%s CASCADE', p_role, p_member, CASE
        WHEN p_grantor IS NOT NULL AND current_setting('server_version_num')::integer >= 160000 THEN format(' GRANTED BY %I', p_grantor)
        ELSE ''
    END);
END $$;

-- Functions that run with their owners' rights are open to those only who have a grant: to the roles that are not governed
-- as before, and to a profile if the rules name the function.
CREATE FUNCTION espalier_governance.close_definer(p_function oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    others text;
BEGIN
    IF EXISTS (
            SELECT FROM pg_proc f CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
            WHERE f.oid = p_function AND x.grantee = 0) THEN
        SELECT string_agg(quote_ident(r.rolname), ', ') INTO others
        FROM pg_roles r
        WHERE NOT r.rolsuper AND r.rolname !~ '^(pg_|espalier_)'
          AND NOT EXISTS (
              SELECT FROM espalier_governance.subject s WHERE s.principal = r.rolname AND s.profile IS NOT NULL);
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', p_function::regprocedure);
        IF others IS NOT NULL THEN
            EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %s', p_function::regprocedure, others);
        END IF;
    END IF;
END $$;

-- Takes from everybody, the principals and the roles they could get at what the rules alone give.
CREATE FUNCTION espalier_governance.close_natively() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    IF NOT EXISTS (SELECT FROM espalier_governance.profile) THEN
        RETURN;
    END IF;
    FOR each IN
        SELECT DISTINCT g.oid
        FROM espalier_governance.governed_relation g CROSS JOIN LATERAL aclexplode(g.relacl) x
        WHERE x.grantee = 0
        UNION
        SELECT g.oid
        FROM espalier_governance.governed_relation g
        JOIN pg_attribute a ON a.attrelid = g.oid AND a.attacl IS NOT NULL
        CROSS JOIN LATERAL aclexplode(a.attacl) x
        WHERE x.grantee = 0
    LOOP
        PERFORM espalier_governance.withdraw(each.oid, 0);
    END LOOP;
    FOR each IN
        SELECT s.nspname
        FROM espalier_governance.governed_schema s CROSS JOIN LATERAL aclexplode(s.nspacl) x
        WHERE x.grantee = 0 AND x.privilege_type = 'CREATE'
    LOOP
        EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC CASCADE', each.nspname);
    END LOOP;
    FOR each IN
        SELECT f.oid
        FROM pg_proc f JOIN espalier_governance.governed_schema s ON s.oid = f.pronamespace
        WHERE f.prosecdef
    LOOP
        PERFORM espalier_governance.close_definer(each.oid);
    END LOOP;
    FOR each IN
        SELECT DISTINCT c.oid, x.grantee
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
        WHERE c.relnamespace = 'espalier_secret'::regnamespace AND x.grantee <> c.relowner
          AND (x.grantee = 0 OR pg_get_userbyid(x.grantee) !~ '^espalier_view_p[0-9a-f]{10}$')
    LOOP
        PERFORM espalier_governance.withdraw(each.oid, each.grantee);
    END LOOP;
    FOR each IN
        SELECT DISTINCT d.defaclrole, n.nspname, x.grantee
        FROM pg_default_acl d
        LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        CROSS JOIN LATERAL aclexplode(d.defaclacl) x
        WHERE d.defaclobjtype = 'r' AND x.grantee <> d.defaclrole
          AND (x.grantee = 0 OR x.grantee IN (SELECT role FROM espalier_governance.governed_role)
               OR x.grantee IN (
                   SELECT r.oid FROM espalier_governance.profile p JOIN pg_roles r ON r.rolname = espalier_governance.profile_role(p.profile)))
    LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON TABLES FROM %s', pg_get_userbyid(each.defaclrole),
            CASE WHEN each.nspname IS NULL THEN '' ELSE format(' IN SCHEMA %I', each.nspname) END,
            CASE each.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(each.grantee)) END);
    END LOOP;
END $$;

-- Principals -----------------------------------------------------------------------------------------------------------

-- Roles that only the rules give anything to: the principals' own, and those of profiles that are not of this database.
CREATE VIEW espalier_governance.governed_role AS
SELECT r.oid AS role
FROM espalier_governance.subject s
JOIN pg_catalog.pg_roles r ON r.rolname = s.principal
WHERE s.profile IS NOT NULL
UNION
SELECT r.oid
FROM pg_catalog.pg_roles r
WHERE r.rolname ~ '^espalier_profile_p[0-9a-f]{10}$'
  AND NOT EXISTS (SELECT FROM espalier_governance.profile p WHERE 'espalier_profile_' || p.profile = r.rolname);

-- Privileges beside those that the rules give.
CREATE FUNCTION espalier_governance.beside_the_rules() RETURNS TABLE (grantee name, kind text, object text, privilege text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH closed (role) AS (
        SELECT 0::oid WHERE EXISTS (SELECT FROM espalier_governance.profile)
        UNION
        SELECT g.role FROM espalier_governance.governed_role g
    ),
    profile_role AS (
        SELECT r.oid AS role, p.profile
        FROM espalier_governance.profile p JOIN pg_roles r ON r.rolname = espalier_governance.profile_role(p.profile)
    ),
    found AS (
        SELECT x.grantee, 'TABLE' AS kind, format('%I.%I', g.nspname, g.relname) AS object, x.privilege_type
        FROM espalier_governance.governed_relation g CROSS JOIN LATERAL aclexplode(g.relacl) x
        WHERE x.grantee <> g.relowner
          AND (x.grantee IN (SELECT role FROM closed)
               OR EXISTS (
                   SELECT FROM profile_role p
                   WHERE p.role = x.grantee
                     AND (x.is_grantable OR NOT EXISTS (
                         SELECT FROM espalier_governance.held h
                         WHERE h.profile = p.profile AND h.relid = g.oid AND x.privilege_type = ANY (h.privileges)))))
        UNION ALL
        SELECT x.grantee, 'TABLE', format('%I.%I', g.nspname, g.relname), format('%s (%I)', x.privilege_type, a.attname)
        FROM espalier_governance.governed_relation g
        JOIN pg_attribute a ON a.attrelid = g.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
        CROSS JOIN LATERAL aclexplode(a.attacl) x
        WHERE x.grantee <> g.relowner AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT x.grantee, 'SCHEMA', quote_ident(n.nspname), x.privilege_type
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
        WHERE x.grantee <> n.nspowner AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'espalier')
          AND ((x.grantee = 0 AND x.privilege_type = 'CREATE')
               OR (x.grantee = 0 AND n.nspname !~ '^espalier_mask$' AND n.oid NOT IN (SELECT oid FROM espalier_governance.governed_schema))
               OR (x.grantee <> 0 AND x.grantee IN (SELECT role FROM closed))
               OR (x.privilege_type = 'CREATE' AND EXISTS (
                   SELECT FROM profile_role p
                   WHERE p.role = x.grantee AND NOT EXISTS (
                       SELECT FROM espalier_governance.schema_access a
                       WHERE a.profile = p.profile AND a.schema IN (n.nspname, '') AND a.creates)))
               OR (n.nspname IN ('espalier_secret', 'espalier_governance') AND x.grantee IN (SELECT role FROM profile_role)))
        UNION ALL
        SELECT x.grantee, 'FUNCTION', f.oid::regprocedure::text, x.privilege_type
        FROM pg_proc f
        JOIN espalier_governance.governed_schema s ON s.oid = f.pronamespace
        CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
        WHERE f.prosecdef AND x.grantee <> f.proowner
          AND (x.grantee IN (SELECT role FROM closed)
               OR EXISTS (
                   SELECT FROM profile_role p
                   WHERE p.role = x.grantee AND NOT EXISTS (
                       SELECT FROM espalier_governance.function_access a WHERE a.profile = p.profile AND a.function = f.oid)))
        UNION ALL
        SELECT x.grantee, 'DEFAULT PRIVILEGES', 'new tables of ' || pg_get_userbyid(d.defaclrole), x.privilege_type
        FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) x
        WHERE d.defaclobjtype = 'r' AND x.grantee <> d.defaclrole
          AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT x.grantee, 'DATABASE', quote_ident(d.datname), x.privilege_type
        FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) x
        WHERE d.datname = current_database() AND x.privilege_type = 'CREATE' AND x.grantee <> d.datdba
          AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT x.grantee, 'LARGE OBJECT', l.oid::text, x.privilege_type
        FROM pg_largeobject_metadata l CROSS JOIN LATERAL aclexplode(l.lomacl) x
        WHERE x.grantee <> l.lomowner AND x.grantee IN (SELECT role FROM closed)
        UNION ALL
        SELECT x.grantee, 'FOREIGN SERVER', s.srvname, x.privilege_type
        FROM pg_foreign_server s CROSS JOIN LATERAL aclexplode(s.srvacl) x
        WHERE x.grantee <> s.srvowner AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
    )
    SELECT CASE f.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(f.grantee) END, f.kind, f.object, f.privilege_type
    FROM found f
$$;

-- What a principal has or could get beside the rules; all of them if none is named.
CREATE FUNCTION espalier_governance.unsettled(p_principal name) RETURNS TABLE (finding text, subject text, detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH principal AS (
        SELECT r.oid, r.rolname, s.profile, f.bound, r.rolsuper, r.rolbypassrls, r.rolreplication, r.rolcreaterole, r.rolcreatedb, r.rolinherit
        FROM espalier_governance.subject s
        JOIN pg_roles r ON r.rolname = s.principal
        LEFT JOIN espalier_governance.profile f ON f.profile = s.profile
        WHERE p_principal IS NULL OR s.principal = p_principal
    ),
    here AS (
        SELECT r.oid
        FROM pg_roles r
        WHERE r.rolname IN (
            SELECT espalier_governance.profile_role(profile) FROM espalier_governance.profile
            UNION ALL SELECT espalier_governance.profile_role(profile) FROM espalier_governance.retired_profile)
    )
    SELECT 'attribute', p.rolname::text, concat_ws(', ',
        CASE WHEN p.rolsuper THEN 'SUPERUSER' END, CASE WHEN p.rolbypassrls THEN 'BYPASSRLS' END,
        CASE WHEN p.rolreplication THEN 'REPLICATION' END, CASE WHEN p.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN p.rolcreatedb THEN 'CREATEDB' END, CASE WHEN NOT p.rolinherit THEN 'NOINHERIT' END)
    FROM principal p
    WHERE p.profile IS NOT NULL
      AND (p.rolsuper OR p.rolbypassrls OR p.rolreplication OR p.rolcreaterole OR p.rolcreatedb OR NOT p.rolinherit)
    UNION ALL
    SELECT 'membership', p.rolname::text, pg_get_userbyid(m.roleid)::text
    FROM principal p
    JOIN pg_auth_members m ON m.member = p.oid
    LEFT JOIN pg_roles own ON own.rolname = espalier_governance.profile_role(p.profile)
    JOIN pg_roles r ON r.oid = m.roleid
    WHERE CASE
        WHEN p.profile IS NULL THEN m.roleid IN (SELECT oid FROM here)
        WHEN m.roleid = own.oid THEN
            m.admin_option OR to_jsonb(m) ->> 'inherit_option' = 'false' OR to_jsonb(m) ->> 'set_option' = 'true'
        -- Other databases of the server have profiles of their own; what such a role had here would be found, too.
        ELSE r.rolname !~ '^espalier_profile_p[0-9a-f]{10}$' OR m.roleid IN (SELECT oid FROM here)
    END
    UNION ALL
    SELECT 'no profile', p.rolname::text, p.profile
    FROM principal p
    WHERE p.profile IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
        WHERE m.member = p.oid AND r.rolname = espalier_governance.profile_role(p.profile))
    UNION ALL
    SELECT 'owner', p.rolname::text, o.object
    FROM principal p
    JOIN (
        SELECT g.relowner AS owner, format('%I.%I', g.nspname, g.relname) AS object FROM espalier_governance.governed_relation g
        UNION ALL
        SELECT f.proowner, f.oid::regprocedure::text
        FROM pg_proc f JOIN espalier_governance.governed_schema s ON s.oid = f.pronamespace
        UNION ALL
        SELECT s.nspowner, s.nspname FROM espalier_governance.governed_schema s
        UNION ALL
        SELECT d.datdba, d.datname FROM pg_database d WHERE d.datname = current_database()
        UNION ALL
        SELECT f.srvowner, f.srvname FROM pg_foreign_server f
    ) o ON o.owner = p.oid
    WHERE p.bound
$$;

CREATE FUNCTION espalier_governance.quoted_grantee(p_role name) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE p_role WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(p_role) END
$$;

-- Takes privileges that are beside the rules.
CREATE FUNCTION espalier_governance.revoke_beside_the_rules() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT DISTINCT b.grantee, b.kind, b.object FROM espalier_governance.beside_the_rules() b LOOP
        CASE each.kind
        WHEN 'TABLE' THEN
            PERFORM espalier_governance.withdraw(each.object::regclass, CASE each.grantee WHEN 'PUBLIC' THEN 0 ELSE quote_ident(each.grantee)::regrole::oid END);
        WHEN 'SCHEMA' THEN
            IF each.grantee = 'PUBLIC' THEN
                EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM PUBLIC CASCADE', each.object);
            ELSE
                EXECUTE format('REVOKE ALL ON SCHEMA %s FROM %I CASCADE', each.object, each.grantee);
            END IF;
        WHEN 'FUNCTION' THEN
            IF each.grantee = 'PUBLIC' THEN
                PERFORM espalier_governance.close_definer(each.object::regprocedure);
            ELSE
                EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %I CASCADE', each.object, each.grantee);
            END IF;
        WHEN 'DATABASE' THEN
            EXECUTE format('REVOKE CREATE ON DATABASE %s FROM %s CASCADE', each.object, espalier_governance.quoted_grantee(each.grantee));
        WHEN 'LARGE OBJECT' THEN
            EXECUTE format('REVOKE ALL ON LARGE OBJECT %s FROM %s CASCADE', each.object, espalier_governance.quoted_grantee(each.grantee));
        WHEN 'FOREIGN SERVER' THEN
            EXECUTE format('REVOKE ALL ON FOREIGN SERVER %I FROM %s CASCADE', each.object, espalier_governance.quoted_grantee(each.grantee));
        ELSE
            NULL;
        END CASE;
    END LOOP;
    PERFORM espalier_governance.close_natively();
    -- What was taken from a profile's own role with the rest, it has again.
    FOR each IN
        SELECT h.profile, h.relid, h.privileges FROM espalier_governance.held h WHERE EXISTS (SELECT FROM pg_class WHERE oid = h.relid)
    LOOP
        PERFORM espalier_governance.hold(each.profile, each.relid, each.privileges);
    END LOOP;
END $$;

-- Names that a principal does not qualify find his profile's views before the tables.
CREATE FUNCTION espalier_governance.path_of(p_principal name, p_profile text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(CASE
            WHEN e.name IN ('$user', '') THEN quote_ident(e.name)
            ELSE quote_ident(espalier_governance.view_schema_name(e.name::name, p_profile, false)) || ', ' || quote_ident(e.name)
        END, ', ' ORDER BY e.ord)
    FROM (
        SELECT CASE WHEN btrim(u.part) LIKE '"%"' THEN replace(btrim(btrim(u.part), '"'), '""', '"') ELSE lower(btrim(u.part)) END AS name, u.ord
        FROM string_to_table(coalesce(
            (SELECT substr(c.setting, length('search_path=') + 1)
             FROM pg_db_role_setting s
             CROSS JOIN LATERAL unnest(s.setconfig) c (setting)
             WHERE c.setting LIKE 'search_path=%'
               AND ((s.setrole = to_regrole(quote_ident(p_principal))::oid AND s.setdatabase = 0)
                    OR (s.setrole = 0 AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))))
             ORDER BY s.setrole DESC, s.setdatabase DESC LIMIT 1),
            -- Of this very session says nothing: its own path is another one.
            (SELECT f.setting FROM pg_file_settings f
             WHERE f.name = 'search_path' AND f.error IS NULL ORDER BY f.seqno DESC LIMIT 1),
            (SELECT boot_val FROM pg_settings WHERE name = 'search_path')), ',') WITH ORDINALITY u (part, ord)
    ) e
$$;

-- Gives a principal's role what the rules give him, and takes what they do not.
CREATE FUNCTION espalier_governance.settle(p_principal name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    s record;
    each record;
    path text;
    has_path text;
BEGIN
    SELECT x.profile, f.bound, r.oid AS role INTO s
    FROM espalier_governance.subject x
    JOIN pg_roles r ON r.rolname = x.principal
    LEFT JOIN espalier_governance.profile f ON f.profile = x.profile
    WHERE x.principal = p_principal;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR each IN
        SELECT r.rolname, g.rolname AS grantor
        FROM espalier_governance.unsettled(p_principal) u
        JOIN pg_roles r ON r.rolname = u.detail
        JOIN pg_auth_members m ON m.roleid = r.oid AND m.member = s.role
        LEFT JOIN pg_roles g ON g.oid = m.grantor
        WHERE u.finding = 'membership'
    LOOP
        PERFORM espalier_governance.revoke_role(each.rolname, p_principal, each.grantor);
    END LOOP;
    IF s.profile IS NOT NULL THEN
        IF EXISTS (SELECT FROM espalier_governance.unsettled(p_principal) u WHERE u.finding = 'attribute') THEN
            EXECUTE format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOREPLICATION NOCREATEROLE NOCREATEDB INHERIT', p_principal);
        END IF;
        IF EXISTS (SELECT FROM espalier_governance.unsettled(p_principal) u WHERE u.finding = 'no profile') THEN
            EXECUTE format('GRANT %I TO %I%s', espalier_governance.profile_role(s.profile), p_principal, CASE
                WHEN current_setting('server_version_num')::integer >= 160000 THEN ' WITH INHERIT TRUE, SET FALSE, ADMIN FALSE'
                ELSE ''
            END);
        END IF;
    END IF;
    IF s.bound THEN
        -- An owner could give himself whatever he likes: what he owned is kept for others by a role that nobody is in.
        IF EXISTS (SELECT FROM espalier_governance.unsettled(p_principal) u WHERE u.finding = 'owner') THEN
            PERFORM espalier_governance.make_role('espalier_keeper');
            FOR each IN
                SELECT format('ALTER %s %s OWNER TO espalier_keeper',
                    CASE g.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
                    g.oid::regclass) AS statement
                FROM espalier_governance.governed_relation g WHERE g.relowner = s.role
                UNION ALL
                SELECT format('ALTER ROUTINE %s OWNER TO espalier_keeper', f.oid::regprocedure)
                FROM pg_proc f JOIN espalier_governance.governed_schema n ON n.oid = f.pronamespace
                WHERE f.proowner = s.role AND f.prokind <> 'a'
                UNION ALL
                SELECT format('ALTER AGGREGATE %s OWNER TO espalier_keeper', f.oid::regprocedure)
                FROM pg_proc f JOIN espalier_governance.governed_schema n ON n.oid = f.pronamespace
                WHERE f.proowner = s.role AND f.prokind = 'a'
                UNION ALL
                SELECT format('ALTER SCHEMA %I OWNER TO espalier_keeper', n.nspname)
                FROM espalier_governance.governed_schema n WHERE n.nspowner = s.role
                UNION ALL
                SELECT format('ALTER DATABASE %I OWNER TO espalier_keeper', d.datname)
                FROM pg_database d WHERE d.datdba = s.role AND d.datname = current_database()
                UNION ALL
                SELECT format('ALTER SERVER %I OWNER TO espalier_keeper', f.srvname) FROM pg_foreign_server f WHERE f.srvowner = s.role
            LOOP
                EXECUTE each.statement;
            END LOOP;
        END IF;
    END IF;
    SELECT substr(c.setting, length('search_path=') + 1) INTO has_path
    FROM pg_db_role_setting d CROSS JOIN LATERAL unnest(d.setconfig) c (setting)
    WHERE d.setrole = s.role AND d.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND c.setting LIKE 'search_path=%';
    IF s.profile IS NULL THEN
        -- A path of ours; one that somebody set is his.
        IF has_path ~ '__p[0-9a-f]{10}\M' THEN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET search_path', p_principal, current_database());
        END IF;
    ELSE
        path := espalier_governance.path_of(p_principal, s.profile);
        IF has_path IS DISTINCT FROM path THEN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path TO %s', p_principal, current_database(), path);
        END IF;
    END IF;
END $$;

-- Brings a principal's role under the rules when he signs in; false if the rules do not know him.
CREATE FUNCTION espalier_governance.prepare(p_principal name) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM espalier_governance.subject WHERE principal = p_principal) THEN
        RETURN false;
    END IF;
    PERFORM espalier_governance.begin_work();
    PERFORM espalier_governance.settle(p_principal);
    IF EXISTS (SELECT FROM espalier_governance.beside_the_rules() b WHERE b.grantee = p_principal) THEN
        PERFORM espalier_governance.revoke_beside_the_rules();
    END IF;
    PERFORM espalier_governance.end_work();
    RETURN true;
END $$;

-- Brings the database under the frame that has been loaded: profiles that changed, and the principals who are there.
CREATE FUNCTION espalier_governance.apply(p_changed text[], p_gone text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
    profile text;
BEGIN
    FOREACH profile IN ARRAY p_gone LOOP
        PERFORM espalier_governance.retire_profile(profile);
    END LOOP;
    FOREACH profile IN ARRAY p_changed LOOP
        PERFORM espalier_governance.compile_profile(profile);
    END LOOP;
    -- The others' paths are set when they sign in.
    FOR each IN SELECT DISTINCT u.subject AS principal FROM espalier_governance.unsettled(NULL) u ORDER BY 1 LOOP
        PERFORM espalier_governance.settle(each.principal::name);
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'espalier_keeper') THEN
        PERFORM espalier_governance.make_role('espalier_keeper');
    END IF;
    PERFORM espalier_governance.revoke_beside_the_rules();
END $$;

-- Closes the tables whose filters change, so that their readers can be waited for.
CREATE FUNCTION espalier_governance.close_filtered(p_profiles text[], p_relations oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
BEGIN
    PERFORM espalier_governance.begin_work();
    FOR each IN
        SELECT p.profile, r.relid
        FROM unnest(p_profiles, p_relations) p (profile, relid)
        JOIN pg_class r0 ON r0.oid = p.relid
        CROSS JOIN LATERAL (SELECT p.relid) r (relid)
        WHERE EXISTS (SELECT FROM espalier_governance.profile f WHERE f.profile = p.profile)
    LOOP
        PERFORM espalier_governance.hold(each.profile, each.relid, '{}');
    END LOOP;
    FOR each IN
        SELECT k.view, k.write_view, espalier_governance.profile_role(k.profile) AS role
        FROM unnest(p_profiles, p_relations) p (profile, relid)
        JOIN espalier_governance.compiled k ON k.profile = p.profile AND k.relid = p.relid AND NOT k.staged
    LOOP
        PERFORM espalier_governance.withdraw(each.view, quote_ident(each.role)::regrole);
        IF each.write_view IS NOT NULL THEN
            PERFORM espalier_governance.withdraw(each.write_view, quote_ident(each.role)::regrole);
        END IF;
    END LOOP;
    PERFORM espalier_governance.end_work();
END $$;

-- Migrations -----------------------------------------------------------------------------------------------------------

-- What a profile may with a relation that the rules were not compiled for: what a table of the same name gave, else what
-- the schema gives.
CREATE FUNCTION espalier_governance.adopt(p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r record;
    p record;
    earlier record;
    c record;
BEGIN
    SELECT * INTO r FROM espalier_governance.governed_relation WHERE oid = p_rel;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM espalier_governance.mask m
    USING espalier_governance.relation_access a
    WHERE m.relid = p_rel AND a.profile = m.profile AND a.relid = m.relid AND a.provisional;
    DELETE FROM espalier_governance.filter f
    USING espalier_governance.relation_access a
    WHERE f.relid = p_rel AND a.profile = f.profile AND a.relid = f.relid AND a.provisional;
    DELETE FROM espalier_governance.relation_access WHERE relid = p_rel AND provisional;
    FOR p IN SELECT profile FROM espalier_governance.profile LOOP
        CONTINUE WHEN EXISTS (SELECT FROM espalier_governance.relation_access WHERE profile = p.profile AND relid = p_rel);
        SELECT a.* INTO earlier
        FROM espalier_governance.known_relation k
        JOIN espalier_governance.relation_access a ON a.relid = k.relid AND a.profile = p.profile AND NOT a.provisional
        WHERE k.schema = r.nspname AND k.name = r.relname AND k.relid <> p_rel
        ORDER BY k.relid DESC LIMIT 1;
        IF FOUND THEN
            INSERT INTO espalier_governance.relation_access
            VALUES (p.profile, p_rel, earlier.reads, earlier.writes,
                -- A filter's columns could have other types now: closed until the rules are compiled for it.
                coalesce(earlier.closed, CASE WHEN EXISTS (
                    SELECT FROM espalier_governance.filter f WHERE f.profile = p.profile AND f.relid = earlier.relid)
                    THEN 'the rows of an earlier table of this name were filtered' END),
                earlier.masks_unknown, true);
            INSERT INTO espalier_governance.mask
            SELECT p.profile, p_rel, a.attnum, 'NULL'
            FROM pg_attribute a
            JOIN espalier_governance.known_column k ON k.relid = earlier.relid AND k.name = a.attname
            JOIN espalier_governance.mask m ON m.profile = p.profile AND m.relid = earlier.relid AND m.attnum = k.attnum
            WHERE a.attrelid = p_rel AND a.attnum > 0 AND NOT a.attisdropped;
        ELSE
            INSERT INTO espalier_governance.relation_access
            SELECT p.profile, p_rel, x.reads, x.writes,
                CASE WHEN x.closes_unknown THEN 'a policy filters rows in this schema, and does not know this table yet' END,
                x.masks_unknown, true
            FROM espalier_governance.schema_access x
            WHERE x.profile = p.profile AND x.schema IN (r.nspname, '')
            ORDER BY x.schema DESC LIMIT 1;
        END IF;
    END LOOP;
END $$;

-- Compiles relations anew, in their place, with the views that are built on them.
CREATE FUNCTION espalier_governance.recompile(p_relations oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
    p record;
BEGIN
    FOR p IN SELECT profile FROM espalier_governance.profile ORDER BY profile LOOP
        FOR each IN
            SELECT g.oid, g.relkind
            FROM espalier_governance.governed_relation g
            WHERE g.oid = ANY (p_relations)
               OR EXISTS (SELECT FROM espalier_governance.lineage(g.oid) l (relid) WHERE l.relid = ANY (p_relations))
               OR EXISTS (SELECT FROM espalier_governance.ancestors(g.oid) a (relid) WHERE a.relid = ANY (p_relations))
               OR EXISTS (
                   SELECT FROM espalier_governance.compiled k
                   WHERE k.profile = p.profile AND k.relid = g.oid AND NOT EXISTS (SELECT FROM pg_class WHERE oid = k.view))
            ORDER BY g.relkind = 'v' DESC, g.oid DESC
        LOOP
            PERFORM espalier_governance.release(p.profile, each.oid, false);
        END LOOP;
        FOR each IN
            SELECT g.oid
            FROM espalier_governance.governed_relation g
            WHERE g.oid = ANY (p_relations)
               OR EXISTS (SELECT FROM espalier_governance.lineage(g.oid) l (relid) WHERE l.relid = ANY (p_relations))
               OR EXISTS (SELECT FROM espalier_governance.ancestors(g.oid) a (relid) WHERE a.relid = ANY (p_relations))
            ORDER BY g.relkind = 'v', g.oid
        LOOP
            PERFORM espalier_governance.compile_guarded(p.profile, each.oid, false);
        END LOOP;
        PERFORM espalier_governance.lend_schemas(p.profile);
        PERFORM espalier_governance.seal(p.profile);
    END LOOP;
END $$;

-- Before a statement that could not go on: lets go of what is compiled of the tables that it names.
CREATE FUNCTION espalier_governance.on_start() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
    query text := lower(current_query());
    -- These name no tables and can take columns with them.
    all_of_them boolean := tg_tag IN ('DROP TYPE', 'DROP DOMAIN', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION')
        OR (tg_tag = 'ALTER TYPE' AND query ~ 'attribute');
BEGIN
    IF NOT (all_of_them OR tg_tag = 'CREATE VIEW' OR tg_tag ~ '^(ALTER|DROP) (TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE)$')
        OR espalier_governance.is_busy() THEN
        RETURN;
    END IF;
    -- PostgreSQL has not checked yet whether he may do it. Those whom a policy binds own nothing here.
    IF EXISTS (
            SELECT FROM espalier_governance.subject s JOIN espalier_governance.profile p ON p.profile = s.profile
            WHERE s.principal = session_user AND p.bound) THEN
        RETURN;
    END IF;
    PERFORM espalier_governance.begin_work();
    FOR each IN
        SELECT k.profile, k.relid
        FROM espalier_governance.compiled k JOIN pg_class c ON c.oid = k.relid
        WHERE NOT k.staged AND (all_of_them OR position(lower(replace(c.relname::text, '"', '""')) IN query) > 0)
    LOOP
        -- The row stays, to tell the other hook what to make again.
        PERFORM espalier_governance.release_kept(each.profile, each.relid);
    END LOOP;
    FOR each IN
        SELECT p.polname, p.polrelid
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE p.polname LIKE 'espalier\_filter\_%'
          AND (all_of_them OR position(lower(replace(c.relname::text, '"', '""')) IN query) > 0)
    LOOP
        EXECUTE format('DROP POLICY %I ON %s', each.polname, each.polrelid::regclass);
    END LOOP;
    PERFORM espalier_governance.end_work();
END $$;

CREATE FUNCTION espalier_governance.release_kept(p_profile text, p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    kept record;
BEGIN
    SELECT * INTO kept FROM espalier_governance.compiled WHERE profile = p_profile AND relid = p_rel AND NOT staged;
    PERFORM espalier_governance.release(p_profile, p_rel, false);
    INSERT INTO espalier_governance.compiled VALUES (p_profile, p_rel, false, kept.view, kept.write_view, NULL);
END $$;

-- After a statement: compiles what it touched, closes functions, and refuses grants that are for the catalog to make.
CREATE FUNCTION espalier_governance.on_end() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
    touched oid[];
BEGIN
    IF espalier_governance.is_busy() THEN
        RETURN;
    END IF;
    IF tg_tag IN ('GRANT', 'REVOKE', 'ALTER DEFAULT PRIVILEGES') THEN
        SELECT * INTO each FROM espalier_governance.beside_the_rules() LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '% on % % is not for a branch to give to %: the catalog governs it', each.privilege,
                    lower(each.kind), each.object, each.grantee
                USING ERRCODE = '42501',
                      HINT = format('Connect to the database system and say: GRANT %s ON %s %s.%s TO `%s`; or use: espalier grants update',
                          CASE
                              WHEN each.privilege ~ '^(INSERT|UPDATE|DELETE|TRUNCATE)' THEN 'MODIFY'
                              WHEN each.privilege = 'CREATE' THEN 'CREATE TABLE'
                              WHEN each.privilege = 'USAGE' THEN 'USE SCHEMA'
                              WHEN each.privilege = 'EXECUTE' THEN 'EXECUTE'
                              ELSE 'SELECT'
                          END,
                          CASE each.kind WHEN 'DEFAULT PRIVILEGES' THEN 'SCHEMA' ELSE each.kind END,
                          (SELECT catalog FROM espalier_governance.state),
                          CASE each.kind WHEN 'DEFAULT PRIVILEGES' THEN 'public' ELSE regexp_replace(each.object, '\(.*\)$', '') END,
                          CASE each.grantee WHEN 'PUBLIC' THEN 'account users' ELSE each.grantee END);
        END IF;
        RETURN;
    END IF;
    PERFORM espalier_governance.begin_work();
    SELECT array_agg(DISTINCT t.relid) INTO touched
    FROM (
        SELECT d.objid AS relid
        FROM pg_event_trigger_ddl_commands() d
        WHERE d.classid = 'pg_class'::regclass AND NOT d.in_extension
        UNION ALL
        SELECT p.polrelid
        FROM pg_event_trigger_ddl_commands() d JOIN pg_policy p ON p.oid = d.objid
        WHERE d.classid = 'pg_policy'::regclass
        UNION ALL
        SELECT t.tgrelid
        FROM pg_event_trigger_ddl_commands() d JOIN pg_trigger t ON t.oid = d.objid OR t.tgfoid = d.objid
        WHERE (d.classid = 'pg_trigger'::regclass AND t.oid = d.objid)
           OR (d.classid = 'pg_proc'::regclass AND t.tgfoid = d.objid AND NOT t.tgisinternal)
        UNION ALL
        SELECT c.oid
        FROM pg_event_trigger_ddl_commands() d JOIN pg_class c ON c.relnamespace = d.objid
        WHERE d.classid = 'pg_namespace'::regclass AND tg_tag = 'ALTER SCHEMA'
        UNION ALL
        -- What uses a function that was replaced.
        SELECT k.relid
        FROM pg_event_trigger_ddl_commands() d
        JOIN pg_depend p ON p.refclassid = 'pg_proc'::regclass AND p.refobjid = d.objid AND p.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite w ON w.oid = p.objid
        JOIN espalier_governance.compiled k ON k.view = w.ev_class
        WHERE d.classid = 'pg_proc'::regclass
        UNION ALL
        SELECT y.polrelid
        FROM pg_event_trigger_ddl_commands() d
        JOIN pg_depend p ON p.refclassid = 'pg_proc'::regclass AND p.refobjid = d.objid AND p.classid = 'pg_policy'::regclass
        JOIN pg_policy y ON y.oid = p.objid AND y.polname LIKE 'espalier\_filter\_%'
        WHERE d.classid = 'pg_proc'::regclass
        UNION ALL
        SELECT k.relid FROM espalier_governance.compiled k WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = k.view)
        UNION ALL
        SELECT f.relid FROM espalier_governance.compiled_filter f
        WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = f.relid AND p.polname = 'espalier_filter_' || f.profile)
    ) t
    JOIN espalier_governance.governed_relation g ON g.oid = t.relid;
    -- An application's first policy of its own: its tables are no longer open to everybody.
    FOR each IN
        SELECT DISTINCT p.polrelid
        FROM pg_event_trigger_ddl_commands() d
        JOIN pg_policy p ON p.oid = d.objid
        WHERE d.classid = 'pg_policy'::regclass AND p.polname !~ '^espalier_'
          AND EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = p.polrelid AND o.polname = 'espalier_open')
    LOOP
        EXECUTE format('DROP POLICY espalier_open ON %s', each.polrelid::regclass);
        DELETE FROM espalier_governance.compiled_filter WHERE relid = each.polrelid;
    END LOOP;
    FOR each IN
        SELECT f.oid, f.prosecdef
        FROM pg_event_trigger_ddl_commands() d
        JOIN pg_proc f ON f.oid = d.objid
        JOIN espalier_governance.governed_schema s ON s.oid = f.pronamespace
        WHERE d.classid = 'pg_proc'::regclass AND f.prosecdef AND EXISTS (SELECT FROM espalier_governance.profile)
    LOOP
        PERFORM espalier_governance.close_definer(each.oid);
    END LOOP;
    IF touched IS NOT NULL THEN
        FOR each IN SELECT u.relid FROM unnest(touched) u (relid) LOOP
            PERFORM espalier_governance.adopt(each.relid);
        END LOOP;
        PERFORM espalier_governance.recompile(touched);
    ELSIF tg_tag = 'CREATE SCHEMA' THEN
        FOR each IN SELECT profile FROM espalier_governance.profile LOOP
            PERFORM espalier_governance.lend_schemas(each.profile);
        END LOOP;
    END IF;
    PERFORM espalier_governance.end_work();
END $$;

CREATE FUNCTION espalier_governance.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    dropped record;
BEGIN
    IF espalier_governance.is_busy() THEN
        RETURN;
    END IF;
    SELECT d.object_identity INTO dropped
    FROM pg_event_trigger_dropped_objects() d
    WHERE d.original AND d.object_type = 'policy' AND d.object_identity ~ '^espalier_';
    IF FOUND THEN
        RAISE EXCEPTION 'the policy % is the catalog''s', dropped.object_identity
            USING ERRCODE = '42501', HINT = 'Drop the policy of the catalog that it was compiled from: DROP POLICY on the database system.';
    END IF;
    DELETE FROM espalier_governance.compiled
    WHERE relid IN (SELECT d.objid FROM pg_event_trigger_dropped_objects() d WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0);
    DELETE FROM espalier_governance.compiled_filter
    WHERE relid IN (SELECT d.objid FROM pg_event_trigger_dropped_objects() d WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0);
    DELETE FROM espalier_governance.held
    WHERE relid IN (SELECT d.objid FROM pg_event_trigger_dropped_objects() d WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0);
END $$;

-- The probe ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION espalier_governance.machinery() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(string_agg(x.text, chr(10) ORDER BY x.text), 'UTF8')), 'hex')
    FROM (
        SELECT pg_get_functiondef(f.oid) || pg_get_userbyid(f.proowner) || coalesce(f.proacl::text, '') AS text
        FROM pg_proc f
        WHERE f.pronamespace IN ('espalier_governance'::regnamespace, 'espalier_mask'::regnamespace)
        UNION ALL
        SELECT c.relname || pg_get_viewdef(c.oid)
        FROM pg_class c WHERE c.relnamespace = 'espalier_governance'::regnamespace AND c.relkind = 'v'
    ) x
$$;

-- Every row is a reason to let nobody in.
CREATE FUNCTION espalier_governance.probe() RETURNS TABLE (finding text, subject text, detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE profile AS (
        SELECT p.profile, p.bound, r.oid AS role, v.oid AS view_role
        FROM espalier_governance.profile p
        LEFT JOIN pg_roles r ON r.rolname = espalier_governance.profile_role(p.profile)
        LEFT JOIN pg_roles v ON v.rolname = espalier_governance.view_role(p.profile)
    ),
    masked AS MATERIALIZED (
        SELECT m.profile, m.relid, m.attnum FROM espalier_governance.masked_column m
    ),
    protected AS MATERIALIZED (
        SELECT m.profile, m.relid, true AS itself FROM masked m
        UNION
        SELECT r.profile, r.relid, true FROM espalier_governance.relation_access r WHERE r.closed IS NOT NULL
        UNION
        -- A row filter alone is PostgreSQL's own to hold, on the table itself.
        SELECT f.profile, f.relid, g.relkind NOT IN ('r', 'p')
        FROM espalier_governance.filter f JOIN espalier_governance.governed_relation g ON g.oid = f.relid
    ),
    above (relid, ancestor) AS (
        SELECT i.inhrelid, i.inhparent FROM pg_inherits i
        UNION
        SELECT a.relid, i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.ancestor
    ),
    made_of (relid, source) AS (
        SELECT w.ev_class, d.refobjid
        FROM espalier_governance.governed_relation g
        JOIN pg_rewrite w ON w.ev_class = g.oid AND w.ev_type = '1'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid <> w.ev_class
        WHERE g.relkind IN ('v', 'm')
        UNION
        SELECT m.relid, d.refobjid
        FROM made_of m
        JOIN pg_rewrite w ON w.ev_class = m.source AND w.ev_type = '1'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid <> w.ev_class
    ),
    -- Relations that a profile may have no privilege on, whatever the reason.
    raw AS MATERIALIZED (
        SELECT p.profile, p.relid FROM protected p WHERE p.itself
        UNION
        SELECT p.profile, a.relid FROM protected p JOIN above a ON a.ancestor = p.relid
        UNION
        SELECT p.profile, m.relid FROM protected p JOIN made_of m ON m.source = p.relid
        UNION
        SELECT p.profile, m.relid FROM protected p JOIN above a ON a.ancestor = p.relid JOIN made_of m ON m.source = a.relid
    ),
    part AS MATERIALIZED (
        SELECT DISTINCT p.profile, a.relid FROM protected p JOIN above a ON a.ancestor = p.relid
    )
    SELECT u.finding, u.subject, u.detail FROM espalier_governance.unsettled(NULL) u
    UNION ALL
    SELECT 'grant', b.grantee::text, format('%s on %s %s', b.privilege, lower(b.kind), b.object)
    FROM espalier_governance.beside_the_rules() b
    UNION ALL
    SELECT 'profile role', p.profile, 'missing, or may sign in, or has rights of its own'
    FROM profile p
    LEFT JOIN pg_roles r ON r.oid = p.role
    LEFT JOIN pg_roles v ON v.oid = p.view_role
    WHERE p.role IS NULL OR p.view_role IS NULL OR r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication
       OR v.rolcanlogin OR v.rolsuper OR v.rolbypassrls OR v.rolcreaterole OR v.rolreplication
       OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member IN (p.role, p.view_role))
    UNION ALL
    SELECT 'view role', pg_get_userbyid(m.member)::text, r.rolname::text
    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
    WHERE r.rolname ~ '^espalier_(view_p[0-9a-f]{10}|keeper)$'
    UNION ALL
    SELECT 'raw privilege', r.profile, format('%I.%I', g.nspname, g.relname)
    FROM raw r
    JOIN profile p ON p.profile = r.profile AND p.role IS NOT NULL
    JOIN espalier_governance.governed_relation g ON g.oid = r.relid
    WHERE has_any_column_privilege(p.role, g.oid, 'SELECT, UPDATE, INSERT, REFERENCES')
       OR has_table_privilege(p.role, g.oid, 'DELETE, TRIGGER, TRUNCATE')
    UNION ALL
    SELECT 'write view', k.profile, k.write_view::regclass || '.' || w.attname
    FROM espalier_governance.compiled k
    JOIN profile p ON p.profile = k.profile
    JOIN pg_class c ON c.oid = k.write_view
    JOIN masked m ON m.profile = k.profile AND m.relid = k.relid
    JOIN pg_attribute a ON a.attrelid = k.relid AND a.attnum = m.attnum
    JOIN pg_attribute w ON w.attrelid = k.write_view AND w.attname = a.attname
    WHERE has_column_privilege(p.role, k.write_view, w.attnum, 'SELECT') OR has_column_privilege(p.role, k.write_view, w.attnum, 'UPDATE')
    UNION ALL
    SELECT 'not compiled', a.profile, format('%I.%I', g.nspname, g.relname)
    FROM espalier_governance.relation_access a
    JOIN espalier_governance.governed_relation g ON g.oid = a.relid
    WHERE a.reads AND a.closed IS NULL
      AND (a.profile, a.relid) IN (SELECT r.profile, r.relid FROM protected r WHERE r.itself)
      AND (a.profile, a.relid) NOT IN (SELECT r.profile, r.relid FROM part r)
      AND NOT EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.profile = a.profile AND k.relid = a.relid AND NOT k.staged)
      AND NOT EXISTS (SELECT FROM espalier_governance.failure f WHERE f.profile = a.profile AND f.relid = a.relid)
    UNION ALL
    SELECT 'view changed', k.profile, k.relid::regclass::text
    FROM espalier_governance.compiled k
    WHERE k.staged OR k.definition IS DISTINCT FROM espalier_governance.definition(k.view, k.write_view)
    UNION ALL
    SELECT 'view schema', n.nspname, c.relname
    FROM espalier_governance.view_schema s
    JOIN pg_namespace n ON n.nspname = s.name
    JOIN pg_class c ON c.relnamespace = n.oid
    WHERE NOT EXISTS (SELECT FROM espalier_governance.compiled k WHERE c.oid IN (k.view, k.write_view))
    UNION ALL
    SELECT 'unsafe function', k.profile, u.function::regprocedure::text
    FROM espalier_governance.compiled k
    JOIN espalier_governance.governed_relation g ON g.oid = k.relid AND g.relkind <> 'v'
    JOIN pg_rewrite w ON w.ev_class = k.view
    CROSS JOIN LATERAL espalier_governance.unsafe_functions('pg_rewrite'::regclass, w.oid) u (function)
    UNION ALL
    SELECT 'unsafe function', y.polrelid::regclass::text, u.function::regprocedure::text
    FROM pg_policy y
    CROSS JOIN LATERAL espalier_governance.unsafe_functions('pg_policy'::regclass, y.oid) u (function)
    WHERE y.polname LIKE 'espalier\_filter\_%'
    UNION ALL
    SELECT 'row filter', f.profile, f.relid::regclass::text
    FROM espalier_governance.filter f
    JOIN espalier_governance.governed_relation g ON g.oid = f.relid AND g.relkind IN ('r', 'p')
    WHERE NOT EXISTS (
            SELECT FROM espalier_governance.compiled_filter c
            WHERE c.profile = f.profile AND c.relid = f.relid AND g.relrowsecurity
              AND EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = f.relid AND y.polname = 'espalier_filter_' || f.profile)
              AND c.definition = espalier_governance.policy_definition(f.profile, f.relid))
      AND NOT EXISTS (SELECT FROM espalier_governance.failure x WHERE x.profile = f.profile AND x.relid = f.relid)
      AND NOT EXISTS (SELECT FROM espalier_governance.relation_access a WHERE a.profile = f.profile AND a.relid = f.relid AND a.closed IS NOT NULL)
    UNION ALL
    SELECT 'failed and open', f.profile, format('%I.%I: %s', g.nspname, g.relname, f.message)
    FROM espalier_governance.failure f
    JOIN profile p ON p.profile = f.profile
    JOIN espalier_governance.governed_relation g ON g.oid = f.relid
    WHERE (p.role IS NOT NULL AND has_any_column_privilege(p.role, g.oid, 'SELECT'))
       OR EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.profile = f.profile AND k.relid = f.relid)
    UNION ALL
    SELECT 'hook', h.name, coalesce('enabled: ' || e.evtenabled::text, 'missing')
    FROM (VALUES ('espalier_start', 'ddl_command_start', 'on_start'), ('espalier_end', 'ddl_command_end', 'on_end'), ('espalier_drop', 'sql_drop', 'on_drop')) h (name, event, function)
    LEFT JOIN pg_event_trigger e ON e.evtname = h.name
    LEFT JOIN pg_proc f ON f.oid = e.evtfoid
    WHERE e.evtenabled IS DISTINCT FROM 'A' OR e.evtevent <> h.event OR e.evttags IS NOT NULL
       OR f.proname <> h.function OR f.pronamespace <> 'espalier_governance'::regnamespace
    UNION ALL
    SELECT 'machinery', 'espalier_governance', 'the functions are not those that were installed'
    FROM espalier_governance.state s
    WHERE s.machinery <> espalier_governance.machinery()
    UNION ALL
    SELECT 'secret', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), c.relname
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
    WHERE c.relnamespace IN ('espalier_secret'::regnamespace, 'espalier_governance'::regnamespace) AND x.grantee <> c.relowner
      AND NOT (c.relname = 'key' AND x.privilege_type = 'SELECT' AND NOT x.is_grantable AND x.grantee <> 0
               AND pg_get_userbyid(x.grantee) ~ '^espalier_view_p[0-9a-f]{10}$')
    UNION ALL
    SELECT 'secret', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), n.nspname
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
    WHERE n.nspname IN ('espalier_secret', 'espalier_governance') AND x.grantee <> n.nspowner
      AND NOT (n.nspname = 'espalier_secret' AND x.privilege_type = 'USAGE' AND x.grantee <> 0
               AND pg_get_userbyid(x.grantee) ~ '^espalier_view_p[0-9a-f]{10}$')
    UNION ALL
    SELECT 'dangerous function', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), f.oid::regprocedure::text
    FROM pg_proc f
    CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
    WHERE f.proname ~ '^(dblink.*|lo_import|lo_export|pg_read_file|pg_read_binary_file|pg_ls_dir|pg_file_.*|pg_read_server_files|get_raw_page)$'
      AND NOT f.proname ~ '^dblink_(get_|fdw_|current|build|cancel|error|is_busy)'
      AND x.grantee <> f.proowner
      AND x.grantee IN (SELECT 0::oid UNION SELECT role FROM espalier_governance.governed_role UNION SELECT role FROM profile)
      AND EXISTS (SELECT FROM espalier_governance.profile)
    UNION ALL
    SELECT 'language', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), l.lanname
    FROM pg_language l CROSS JOIN LATERAL aclexplode(l.lanacl) x
    WHERE NOT l.lanpltrusted AND x.grantee <> l.lanowner
    UNION ALL
    SELECT 'server version', 'server', current_setting('server_version')
    FROM (SELECT current_setting('server_version_num')::integer AS number) v
    WHERE v.number < CASE v.number / 10000 WHEN 15 THEN 150014 WHEN 16 THEN 160010 WHEN 17 THEN 170006 ELSE 180000 END
$$;

-- All that is compiled, in one number.
CREATE FUNCTION espalier_governance.frame_hash() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(x.line, chr(10) ORDER BY x.line), ''), 'UTF8')), 'hex')
    FROM (
        SELECT concat_ws('|', 'state', s.catalog, s.epoch, s.frame, s.machinery) AS line FROM espalier_governance.state s
        UNION ALL
        SELECT concat_ws('|', 'view', k.profile, k.relid::regclass, k.definition) FROM espalier_governance.compiled k
        UNION ALL
        SELECT concat_ws('|', 'filter', f.profile, f.relid::regclass, f.definition) FROM espalier_governance.compiled_filter f
        UNION ALL
        SELECT concat_ws('|', 'held', h.profile, h.relid::regclass, h.privileges::text) FROM espalier_governance.held h
        UNION ALL
        SELECT concat_ws('|', 'subject', s.principal, s.profile) FROM espalier_governance.subject s
    ) x
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA espalier_governance FROM PUBLIC;

CREATE EVENT TRIGGER espalier_start ON ddl_command_start EXECUTE FUNCTION espalier_governance.on_start();
CREATE EVENT TRIGGER espalier_end ON ddl_command_end EXECUTE FUNCTION espalier_governance.on_end();
CREATE EVENT TRIGGER espalier_drop ON sql_drop EXECUTE FUNCTION espalier_governance.on_drop();
-- Also where triggers are turned off, as replication does.
ALTER EVENT TRIGGER espalier_start ENABLE ALWAYS;
ALTER EVENT TRIGGER espalier_end ENABLE ALWAYS;
ALTER EVENT TRIGGER espalier_drop ENABLE ALWAYS;

UPDATE espalier_governance.state SET machinery = espalier_governance.machinery();
