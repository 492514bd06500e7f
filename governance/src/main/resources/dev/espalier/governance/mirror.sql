-- What stands in the way of the rows that a mirror takes, and what is kept of how they were masked. Every copy of the mirror
-- brings it along.
CREATE SCHEMA espalier_mirror;
REVOKE ALL ON SCHEMA espalier_mirror FROM PUBLIC;

CREATE TABLE espalier_mirror.mirrored_relation (
    relid oid PRIMARY KEY,
    schema name NOT NULL,
    name name NOT NULL,
    -- What it was called when it was first seen.
    known_schema name NOT NULL,
    known_name name NOT NULL,
    -- Whether its rows are taken; otherwise it stays empty.
    taken boolean NOT NULL,
    -- Whether a policy leaves rows out.
    filtered boolean NOT NULL,
    -- What it was a part of, and is no more.
    once_schemas text[] NOT NULL,
    once_names text[] NOT NULL
);
CREATE TABLE espalier_mirror.mirrored_column (
    relid oid NOT NULL REFERENCES espalier_mirror.mirrored_relation,
    attnum smallint NOT NULL,
    name name NOT NULL,
    known_name name NOT NULL,
    type text NOT NULL,
    category text NOT NULL,
    says_little boolean NOT NULL,
    -- What its values were replaced by; columns by their numbers in braces. NULL for one that is as it is.
    expression text,
    PRIMARY KEY (relid, attnum)
);
-- Functions that policies could name, as they were: a branch may change them.
CREATE TABLE espalier_mirror.mirrored_function (
    id oid PRIMARY KEY,
    schema name NOT NULL,
    name name NOT NULL,
    parameters text[] NOT NULL,
    categories text[] NOT NULL,
    optional integer NOT NULL,
    returns text NOT NULL,
    category text NOT NULL,
    runs_as_owner boolean NOT NULL,
    unfit text NOT NULL,
    open boolean NOT NULL,
    pinned boolean NOT NULL
);

-- Who may write all data could say here that more was masked than is.
CREATE FUNCTION espalier_mirror.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
        RAISE EXCEPTION 'how a branch was masked cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON espalier_mirror.mirrored_relation
FOR EACH STATEMENT EXECUTE FUNCTION espalier_mirror.refuse_change();
ALTER TABLE espalier_mirror.mirrored_relation ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON espalier_mirror.mirrored_column
FOR EACH STATEMENT EXECUTE FUNCTION espalier_mirror.refuse_change();
ALTER TABLE espalier_mirror.mirrored_column ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON espalier_mirror.mirrored_function
FOR EACH STATEMENT EXECUTE FUNCTION espalier_mirror.refuse_change();
ALTER TABLE espalier_mirror.mirrored_function ENABLE ALWAYS TRIGGER refuse_change;

-- The columns that tell which row is meant where rows are changed and deleted.
CREATE VIEW espalier_mirror.identity_column AS
SELECT c.oid AS relid, k.attnum
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
    AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END
CROSS JOIN LATERAL unnest(i.indkey) k (attnum);

-- Whether values of the type have to pass a check of a domain's.
CREATE FUNCTION espalier_mirror.is_checked(p_type oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE of (type) AS (
        SELECT p_type
        UNION
        SELECT u.type
        FROM of
        JOIN pg_type t ON t.oid = of.type
        CROSS JOIN LATERAL (
            VALUES (t.typbasetype), (t.typelem)
            UNION ALL
            SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT g.rngsubtype FROM pg_range g WHERE t.oid IN (g.rngtypid, g.rngmultitypid)
        ) u (type)
        WHERE u.type <> 0
    )
    SELECT EXISTS (SELECT FROM of JOIN pg_constraint c ON c.contypid = of.type)
        OR EXISTS (SELECT FROM of JOIN pg_type t ON t.oid = of.type AND t.typnotnull)
$$;

-- Columns that are masked, and what PostgreSQL computes from them.
CREATE VIEW espalier_mirror.changed_column AS
SELECT m.relid, m.attnum, m.expression
FROM espalier_mirror.mirrored_column m
WHERE m.expression IS NOT NULL
UNION ALL
SELECT DISTINCT m.relid, f.adnum, NULL
FROM espalier_mirror.mirrored_column m
JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = m.relid AND d.refobjsubid = m.attnum
    AND d.classid = 'pg_catalog.pg_attrdef'::regclass
JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid AND f.adrelid = m.relid AND f.adnum <> m.attnum
WHERE m.expression IS NOT NULL;

-- Why tables cannot be taken. Changes are applied as the table's owner, before whom nothing may see a row but its mask.
CREATE FUNCTION espalier_mirror.unfit() RETURNS TABLE (message text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('%s %s', r.relid::regclass, x.reason)
    FROM espalier_mirror.mirrored_relation r
    JOIN pg_class c ON c.oid = r.relid
    CROSS JOIN LATERAL (
        SELECT 'is partitioned, a partition, or inherits, which a mirror does not follow'
        WHERE c.relkind <> 'r' OR EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))
        UNION ALL
        SELECT 'has rows that a policy filters, which a mirror does not follow'
        WHERE r.filtered
        UNION ALL
        SELECT 'has REPLICA IDENTITY FULL, which would send what is masked to find a row: give it a primary key and REPLICA IDENTITY DEFAULT'
        WHERE c.relreplident = 'f'
        UNION ALL
        SELECT 'has no primary key or other replica identity, by which changed rows are found: give it one'
        WHERE c.relreplident <> 'f' AND c.relkind = 'r' AND NOT EXISTS (SELECT FROM espalier_mirror.identity_column i WHERE i.relid = c.oid)
        UNION ALL
        SELECT format('is unlogged, so that its changes are in no log: ALTER TABLE %s SET LOGGED', c.oid::regclass)
        WHERE c.relpersistence = 'u'
        UNION ALL
        SELECT DISTINCT format('has the %s column %I in its replica identity: rows could not be found by it',
            CASE a.attgenerated WHEN '' THEN 'masked' ELSE 'generated' END, a.attname)
        FROM espalier_mirror.changed_column m
        JOIN espalier_mirror.identity_column i ON i.relid = m.relid AND i.attnum = m.attnum
        JOIN pg_attribute a ON a.attrelid = m.relid AND a.attnum = m.attnum
        WHERE m.relid = c.oid
        UNION ALL
        SELECT format('has the trigger %I, which fires where changes are applied and would see rows before they are masked: ALTER TABLE %s ENABLE TRIGGER %I',
            t.tgname, c.oid::regclass, t.tgname)
        FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('A', 'R')
        UNION ALL
        SELECT 'is owned by a superuser, as whom its changes would be applied: give it another owner'
        WHERE c.relowner IN (SELECT oid FROM pg_roles WHERE rolsuper)
        UNION ALL
        SELECT format('has the masked column %I of a domain with checks, which would see values before they are masked', a.attname)
        FROM espalier_mirror.mirrored_column m
        JOIN pg_attribute a ON a.attrelid = m.relid AND a.attnum = m.attnum
        WHERE m.relid = c.oid AND m.expression IS NOT NULL AND espalier_mirror.is_checked(a.atttypid)
        UNION ALL
        SELECT format('has the masked column %I, which PostgreSQL computes again from columns that are not masked: mask these', a.attname)
        FROM espalier_mirror.mirrored_column m
        JOIN pg_attribute a ON a.attrelid = m.relid AND a.attnum = m.attnum AND a.attgenerated <> ''
        JOIN pg_attrdef f ON f.adrelid = m.relid AND f.adnum = m.attnum
        WHERE m.relid = c.oid AND m.expression IS NOT NULL AND EXISTS (
            SELECT FROM pg_depend d
            JOIN espalier_mirror.mirrored_column i ON i.relid = m.relid AND i.attnum = d.refobjsubid AND i.expression IS NULL
            WHERE d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
              AND d.refclassid = 'pg_class'::regclass AND d.refobjid = m.relid AND d.refobjsubid <> m.attnum)
        UNION ALL
        SELECT 'has row security of its own, which does not hold for who owns the table'
        WHERE c.relrowsecurity
    ) x (reason)
    WHERE r.taken
    ORDER BY 1
$$;

-- Functions that give another value for each other value, and no NULL but for NULL.
CREATE FUNCTION espalier_mirror.token_function(p_expression text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT substring(p_expression FROM '^espalier_mask\.(hash|token|email_token)\(')
$$;

-- Columns of which a mask, or what PostgreSQL computes from one, need not keep what a constraint asks for.
CREATE VIEW espalier_mirror.blurred_column AS
SELECT DISTINCT c.relid, c.attnum
FROM espalier_mirror.changed_column c
WHERE espalier_mirror.token_function(c.expression) IS NULL;

-- Indexes that compute something of masked columns, or are for rows that these tell. PostgreSQL keeps the text of that small; the number 0 is the whole row.
CREATE VIEW espalier_mirror.computed_index AS
SELECT DISTINCT i.indexrelid
FROM espalier_mirror.changed_column c
JOIN pg_catalog.pg_index i ON i.indrelid = c.relid
WHERE concat(i.indexprs::text, i.indpred::text) ~ format(':varattno (0|%s)\M', c.attnum);

-- Takes the constraints and indexes away that masked values need not keep, or could not be computed of. Those on tokens stay: NOT NULL, unique, and foreign
-- keys of which both sides are tokens of one kind.
CREATE FUNCTION espalier_mirror.loosen() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname)
        FROM pg_constraint c
        WHERE c.contype = 'f' AND EXISTS (
            SELECT
            FROM unnest(c.conkey, c.confkey) k (here, there)
            LEFT JOIN espalier_mirror.mirrored_column h ON h.relid = c.conrelid AND h.attnum = k.here
            LEFT JOIN espalier_mirror.mirrored_column t ON t.relid = c.confrelid AND t.attnum = k.there
            WHERE (h.expression IS NOT NULL OR t.expression IS NOT NULL)
              AND (espalier_mirror.token_function(h.expression) IS NULL
                   OR espalier_mirror.token_function(h.expression) IS DISTINCT FROM espalier_mirror.token_function(t.expression))
            UNION ALL
            -- The rows that it leads to are not here, or those that would keep others from being truncated.
            SELECT FROM espalier_mirror.mirrored_relation r WHERE r.relid IN (c.conrelid, c.confrelid) AND NOT r.taken)
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', c.conrelid::regclass, c.conname)
        FROM pg_constraint c
        WHERE c.contype IN ('u', 'x', 'c') AND c.conrelid <> 0 AND EXISTS (
            SELECT FROM espalier_mirror.blurred_column b WHERE b.relid = c.conrelid AND b.attnum = ANY (c.conkey)
            UNION ALL
            SELECT FROM espalier_mirror.changed_column m
            WHERE m.relid = c.conrelid
              -- The number 0 is the whole row in a check, and an expression in another.
              AND ((c.contype IN ('x', 'c') AND m.attnum = ANY (c.conkey)) OR (c.contype = 'c' AND 0 = ANY (c.conkey)))
            UNION ALL
            SELECT FROM espalier_mirror.computed_index i WHERE c.contype = 'x' AND i.indexrelid = c.conindid)
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT format('DROP INDEX %s', i.indexrelid::regclass)
        FROM pg_index i
        JOIN espalier_mirror.mirrored_relation r ON r.relid = i.indrelid
        WHERE i.indexrelid IN (SELECT x.indexrelid FROM espalier_mirror.computed_index x)
           OR (i.indisunique AND NOT i.indisprimary AND EXISTS (
               SELECT FROM espalier_mirror.blurred_column b WHERE b.relid = i.indrelid AND b.attnum = ANY (i.indkey)))
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', a.attrelid::regclass, a.attname)
        FROM espalier_mirror.blurred_column b
        JOIN pg_attribute a ON a.attrelid = b.relid AND a.attnum = b.attnum
        WHERE a.attnotnull
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;

-- The function that masks a table's rows before they are written. A value that could be stored out of line and was not changed
-- comes in as it is here, masked: it is not masked twice. A mask that looks at other columns is made again when these change. What
-- a function or a type says of a value that it cannot take may hold it, and would be in the server's log.
CREATE FUNCTION espalier_mirror.put_mask(p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    body text := '';
    name text := format('espalier_mirror.mask_%s', p_rel);
    -- In a declaration, too, a name can be a word of PL/pgSQL's (alias, constant).
    row_type text := (
        SELECT espalier_governance.quoted(n.nspname) || '.' || espalier_governance.quoted(c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = p_rel);
    each record;
BEGIN
    FOR each IN
        SELECT a.attname, m.expression, espalier_governance.shown_type(a.atttypid, a.atttypmod) AS type,
               CASE WHEN a.attlen = -1 THEN (
                   SELECT string_agg(format('ROW(raw.%1$s)::record *<> ROW(OLD.%1$s)::record', espalier_governance.quoted(o.attname)), ' OR ' ORDER BY o.attnum)
                   FROM pg_attribute o
                   WHERE o.attrelid = p_rel
                     AND (o.attnum = a.attnum OR m.expression LIKE format('%%{%s}%%', o.attnum)))
               END AS changed
        FROM espalier_mirror.mirrored_column m
        JOIN pg_attribute a ON a.attrelid = m.relid AND a.attnum = m.attnum AND a.attgenerated = ''
        WHERE m.relid = p_rel AND m.expression IS NOT NULL
        ORDER BY a.attnum
    LOOP
        body := body || CASE WHEN each.changed IS NULL THEN '    ' ELSE format(E'    IF TG_OP = ''INSERT'' THEN\n        masks := true;\n    ELSE\n        masks := %s;\n    END IF;\n    IF masks THEN ', each.changed) END
            || format('NEW.%s := (%s)::%s;', espalier_governance.quoted(each.attname), espalier_governance.rendered(p_rel, each.expression, 'raw.'), each.type)
            || CASE WHEN each.changed IS NULL THEN E'\n' ELSE E' END IF;\n' END;
    END LOOP;
    IF body = '' THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L',
        name, format(E'\nDECLARE\n    raw %s := NEW;\n    masks boolean;\nBEGIN\n%s    RETURN NEW;\nEXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN\n    RAISE EXCEPTION ''a value of %% cannot be masked'', TG_TABLE_NAME USING ERRCODE = SQLSTATE;\nEND ', row_type, body));
    EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', name);
    EXECUTE format('ALTER FUNCTION %s() OWNER TO espalier_masker', name);
    EXECUTE format('CREATE TRIGGER espalier_mask BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %s()', p_rel::regclass, name);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER espalier_mask', p_rel::regclass);
END $$;

-- Functions of the database's own in masks are called as a role that reaches nothing but them and the key.
CREATE FUNCTION espalier_mirror.put_masks(p_functions oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
BEGIN
    PERFORM espalier_governance.make_role('espalier_masker');
    GRANT USAGE ON SCHEMA espalier_mask, espalier_secret TO espalier_masker;
    GRANT SELECT ON espalier_secret.key TO espalier_masker;
    FOR each IN SELECT nspname FROM espalier_governance.governed_schema LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO espalier_masker', each.nspname);
    END LOOP;
    FOR each IN SELECT f.oid FROM unnest(p_functions) f (oid) LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO espalier_masker', each.oid::regprocedure);
    END LOOP;
    PERFORM espalier_mirror.loosen();
    FOR each IN SELECT relid FROM espalier_mirror.mirrored_relation WHERE taken LOOP
        PERFORM espalier_mirror.put_mask(each.relid);
    END LOOP;
END $$;

-- In a copy of the mirror: what is written from here on is its users' own, and the key of its tokens is no longer there.
CREATE FUNCTION espalier_mirror.release() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
BEGIN
    PERFORM espalier_governance.begin_work();
    FOR each IN SELECT f.oid FROM pg_proc f WHERE f.pronamespace = 'espalier_mirror'::regnamespace AND f.proname ~ '^mask_[0-9]+$' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', each.oid::regprocedure);
    END LOOP;
    DROP OWNED BY espalier_masker;
    -- Into a new file: an UPDATE would leave the old row in the one there is.
    TRUNCATE espalier_secret.key;
    INSERT INTO espalier_secret.key (inner_pad, outer_pad)
    VALUES (
        sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
        sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
    PERFORM espalier_governance.end_work();
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA espalier_mirror FROM PUBLIC;
