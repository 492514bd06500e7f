-- What is masked for whom: names, types, and what follows from the frame.

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
  -- By their owner, too: anybody could give a schema of his one of these names.
  AND NOT (n.nspname IN ('information_schema', 'espalier', 'espalier_governance', 'espalier_secret', 'espalier_mask', 'espalier_mirror')
           AND EXISTS (SELECT FROM pg_catalog.pg_roles o WHERE o.oid = n.nspowner AND o.rolsuper))
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

-- The relations that are parts of one, read through it: its partitions and children, and theirs.
CREATE FUNCTION espalier_governance.parts(p_rel oid) RETURNS SETOF oid
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE part (relid) AS (
        SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = p_rel
        UNION
        SELECT i.inhrelid FROM part p JOIN pg_inherits i ON i.inhparent = p.relid
    )
    SELECT p.relid FROM part p;
END $$;

CREATE FUNCTION espalier_governance.ancestors(p_rel oid) RETURNS SETOF oid
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE above (relid) AS (
        SELECT p_rel
        UNION
        SELECT i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.relid
    )
    SELECT a.relid FROM above a WHERE a.relid <> p_rel;
END $$;

-- What relations are parts of now, at whatever distance.
CREATE FUNCTION espalier_governance.wholes(p_relations oid[]) RETURNS TABLE (relid oid, whole oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE above (relid, whole) AS (
        SELECT i.inhrelid, i.inhparent FROM pg_inherits i WHERE i.inhrelid = ANY (p_relations)
        UNION
        SELECT a.relid, i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.whole
    )
    SELECT a.relid, a.whole FROM above a
$$;

-- Keeps by what names relations are parts of others, and which of those they are no parts of any more.
CREATE FUNCTION espalier_governance.learn_wholes(p_relations oid[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    WITH named AS MATERIALIZED (
        SELECT DISTINCT w.relid, x.schema, x.name
        FROM espalier_governance.wholes(p_relations) w
        JOIN pg_class c ON c.oid = w.whole
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN espalier_governance.known_relation k ON k.relid = w.whole
        CROSS JOIN LATERAL (VALUES (n.nspname, c.relname), (coalesce(k.schema, n.nspname), coalesce(k.name, c.relname))) x (schema, name)
    ), gone AS (
        UPDATE espalier_governance.known_whole w SET apart = true
        WHERE w.relid = ANY (p_relations) AND NOT w.apart
          AND NOT EXISTS (SELECT FROM named d WHERE d.relid = w.relid AND d.schema = w.schema AND d.name = w.name)
    )
    INSERT INTO espalier_governance.known_whole
    SELECT d.relid, d.schema, d.name, false
    FROM named d
    WHERE NOT EXISTS (
        SELECT FROM espalier_governance.known_whole o WHERE o.relid = d.relid AND o.schema = d.schema AND o.name = d.name AND NOT o.apart)
    ON CONFLICT (relid, schema, name) DO UPDATE SET apart = false;
    -- The columns of a new part are known as the whole's, by the names that those were first seen with.
    INSERT INTO espalier_governance.known_column
    SELECT DISTINCT ON (a.attrelid, a.attnum) a.attrelid, a.attnum, k.name
    FROM (
        SELECT x.relid, x.whole FROM espalier_governance.wholes(p_relations) x
        WHERE NOT EXISTS (SELECT FROM espalier_governance.known_relation r WHERE r.relid = x.relid) OFFSET 0) w
    JOIN pg_attribute a ON a.attrelid = w.relid AND a.attnum > 0 AND a.attinhcount > 0
    JOIN pg_attribute o ON o.attrelid = w.whole AND o.attname = a.attname
    JOIN espalier_governance.known_column k ON k.relid = o.attrelid AND k.attnum = o.attnum
    ORDER BY a.attrelid, a.attnum, k.name
    ON CONFLICT DO NOTHING
$$;

-- By the relation's own rules.
CREATE VIEW espalier_governance.ruled_column AS
SELECT m.profile, m.relid, m.attnum, a.attname, m.expression
FROM espalier_governance.mask m
JOIN espalier_governance.relation_access r ON r.profile = m.profile AND r.relid = m.relid
JOIN pg_catalog.pg_attribute a ON a.attrelid = m.relid AND a.attnum = m.attnum AND NOT a.attisdropped
UNION ALL
SELECT r.profile, r.relid, a.attnum, a.attname, 'NULL'
FROM espalier_governance.relation_access r
JOIN pg_catalog.pg_attribute a ON a.attrelid = r.relid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN espalier_governance.known_column k ON k.relid = a.attrelid AND k.attnum = a.attnum
WHERE r.masks_unknown <> 0
  -- In this order: nearly all columns are known, and to look into what is above it or into a type takes longer.
  AND CASE
      WHEN k.relid IS NOT NULL THEN false
      WHEN EXISTS (
          SELECT FROM espalier_governance.mask m WHERE m.profile = r.profile AND m.relid = r.relid AND m.attnum = a.attnum) THEN false
      -- A part's column is the whole's, and known as that one.
      WHEN a.attinhcount > 0 AND EXISTS (
          SELECT
          FROM espalier_governance.ancestors(a.attrelid) w (relid)
          JOIN pg_catalog.pg_attribute p ON p.attrelid = w.relid AND p.attname = a.attname
          JOIN espalier_governance.known_column o ON o.relid = p.attrelid AND o.attnum = p.attnum) THEN false
      WHEN r.masks_unknown = 2 THEN true
      ELSE NOT espalier_governance.says_little(a.atttypid)
  END;

-- For the few relations that have parts and the few columns that are generated, in functions: a view that is in another many times takes longer to plan than to read.
CREATE FUNCTION espalier_governance.ruled_in_parts(p_profile text, p_rel oid) RETURNS TABLE (attname name, expression text)
LANGUAGE plpgsql STABLE COST 1000 ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT d.attname, espalier_governance.rendered(d.relid, d.expression, '')
    FROM espalier_governance.parts(p_rel) p (relid)
    -- Part by part: where PostgreSQL has no statistics of parts that are new it would look at all columns of the database for each.
    CROSS JOIN LATERAL (
        SELECT r.relid, r.attname, r.expression FROM espalier_governance.ruled_column r WHERE r.profile = p_profile AND r.relid = p.relid OFFSET 0) d;
END $$;

CREATE FUNCTION espalier_governance.is_ruled(p_profile text, p_rel oid, p_attnum smallint) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM espalier_governance.ruled_column o WHERE o.profile = p_profile AND o.relid = p_rel AND o.attnum = p_attnum);
END $$;

-- What a part of a relation masks is masked in the whole as well: in the same way, or it reads NULL.
CREATE VIEW espalier_governance.directly_masked AS
SELECT o.profile, o.relid, o.attnum,
       CASE
           WHEN c.relhassubclass AND EXISTS (
                   SELECT FROM espalier_governance.ruled_in_parts(o.profile, o.relid) d
                   WHERE d.attname = o.attname AND d.expression <> espalier_governance.rendered(o.relid, o.expression, ''))
               THEN 'NULL'
           ELSE o.expression
       END AS expression
FROM espalier_governance.ruled_column o
JOIN pg_catalog.pg_class c ON c.oid = o.relid
UNION ALL
SELECT DISTINCT r.profile, r.relid, a.attnum, 'NULL'
FROM espalier_governance.relation_access r
JOIN pg_catalog.pg_class c ON c.oid = r.relid AND c.relhassubclass
CROSS JOIN LATERAL espalier_governance.ruled_in_parts(r.profile, r.relid) d
JOIN pg_catalog.pg_attribute a ON a.attrelid = r.relid AND a.attname = d.attname AND a.attnum > 0 AND NOT a.attisdropped
WHERE NOT espalier_governance.is_ruled(r.profile, r.relid, a.attnum);

CREATE FUNCTION espalier_governance.is_directly_masked(p_profile text, p_rel oid, p_attnum smallint) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM espalier_governance.directly_masked o WHERE o.profile = p_profile AND o.relid = p_rel AND o.attnum = p_attnum);
END $$;

-- Whether a part of a relation has a second parent. PostgreSQL numbers them.
CREATE FUNCTION espalier_governance.has_part_of_others(p_rel oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM espalier_governance.parts(p_rel) p (relid) JOIN pg_inherits i ON i.inhrelid = p.relid AND i.inhseqno > 1);
END $$;

-- Relations of which a part is closed, hides rows that the whole does not, or is under another's rules: they are closed as well.
CREATE VIEW espalier_governance.closed_by_part AS
SELECT r.profile, r.relid, min(p.relid::regclass::text) AS part
FROM espalier_governance.relation_access r
JOIN pg_catalog.pg_class c ON c.oid = r.relid AND c.relhassubclass
-- Who has one parent has no other ancestors than those on the way: for tables of many partitions that is asked once.
CROSS JOIN LATERAL (SELECT espalier_governance.has_part_of_others(r.relid) AS shared OFFSET 0) o
CROSS JOIN LATERAL (SELECT x.relid, o.shared FROM espalier_governance.parts(r.relid) x (relid) OFFSET 0) p
WHERE r.closed IS NULL
  AND (p.shared AND EXISTS (
          -- It is a part of another as well, whose rules are for its rows, too.
          SELECT
          FROM espalier_governance.ancestors(p.relid) o (relid)
          WHERE o.relid <> r.relid
            AND o.relid NOT IN (SELECT espalier_governance.parts(r.relid))
            AND o.relid NOT IN (SELECT espalier_governance.ancestors(r.relid))
            AND (EXISTS (SELECT FROM espalier_governance.ruled_column m WHERE m.profile = r.profile AND m.relid = o.relid)
                 OR EXISTS (SELECT FROM espalier_governance.filter f WHERE f.profile = r.profile AND f.relid = o.relid)
                 OR EXISTS (
                     SELECT FROM espalier_governance.relation_access d
                     WHERE d.profile = r.profile AND d.relid = o.relid AND d.closed IS NOT NULL)))
       OR EXISTS (
          SELECT FROM espalier_governance.relation_access d
          WHERE d.profile = r.profile AND d.relid = p.relid AND d.closed IS NOT NULL AND NOT d.provisional)
       OR EXISTS (
          SELECT FROM espalier_governance.filter f
          WHERE f.profile = r.profile AND f.relid = p.relid AND NOT EXISTS (
              SELECT FROM espalier_governance.filter o
              WHERE o.profile = r.profile AND o.relid = r.relid
                AND espalier_governance.rendered(o.relid, o.expression, '') = espalier_governance.rendered(f.relid, f.expression, ''))))
GROUP BY r.profile, r.relid;

-- What PostgreSQL computes from a masked column is as secret, whatever the rules say of it.
CREATE FUNCTION espalier_governance.is_made_of_masked(p_profile text, p_rel oid, p_attnum smallint) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_attrdef f
        JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = f.oid
            AND p.refclassid = 'pg_class'::regclass AND p.refobjid = p_rel AND p.refobjsubid <> p_attnum
        WHERE f.adrelid = p_rel AND f.adnum = p_attnum
          AND espalier_governance.is_directly_masked(p_profile, p_rel, p.refobjsubid::smallint));
END $$;

-- Whether a mask or a filter is given such a column.
CREATE FUNCTION espalier_governance.is_given_made_of_masked(p_profile text, p_rel oid, p_expression text) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = p_rel AND a.attgenerated <> '' AND a.attnum > 0 AND NOT a.attisdropped
          AND position(format('{%s}', a.attnum) IN p_expression) > 0
          AND espalier_governance.is_made_of_masked(p_profile, p_rel, a.attnum));
END $$;

CREATE VIEW espalier_governance.masked_column AS
SELECT d.profile, d.relid, d.attnum,
       CASE WHEN espalier_governance.is_given_made_of_masked(d.profile, d.relid, d.expression) THEN 'NULL' ELSE d.expression END AS expression
FROM espalier_governance.directly_masked d
UNION ALL
SELECT r.profile, r.relid, a.attnum, 'NULL'
FROM espalier_governance.relation_access r
JOIN pg_catalog.pg_attribute a ON a.attrelid = r.relid AND a.attgenerated <> '' AND a.attnum > 0 AND NOT a.attisdropped
WHERE NOT espalier_governance.is_directly_masked(r.profile, r.relid, a.attnum)
  AND espalier_governance.is_made_of_masked(r.profile, r.relid, a.attnum);

-- Relations that a profile must not get at themselves.
CREATE VIEW espalier_governance.protected_relation AS
SELECT r.profile, r.relid FROM espalier_governance.relation_access r WHERE r.closed IS NOT NULL
UNION ALL
SELECT f.profile, f.relid FROM espalier_governance.filter f
UNION ALL
SELECT m.profile, m.relid FROM espalier_governance.masked_column m
UNION ALL
SELECT p.profile, p.relid FROM espalier_governance.closed_by_part p;

-- What those write whom a policy binds.
CREATE VIEW espalier_governance.written_by_bound AS
SELECT w.profile, w.relid
FROM (
    SELECT h.profile, h.relid FROM espalier_governance.held h WHERE h.privileges && '{DELETE,INSERT,UPDATE}'
    UNION ALL
    SELECT k.profile, k.relid
    FROM espalier_governance.compiled k
    JOIN pg_catalog.pg_class v ON v.oid = k.view
    CROSS JOIN LATERAL pg_catalog.aclexplode(v.relacl) x
    JOIN pg_catalog.pg_authid r ON r.oid = x.grantee AND r.rolname = espalier_governance.profile_role(k.profile)
    WHERE x.privilege_type = 'INSERT') w
JOIN espalier_governance.profile p ON p.profile = w.profile AND p.bound;

-- The functions that are asked for one relation after the other are in PL/pgSQL, which keeps their plans: a function in SQL is planned again
-- for each statement that calls it.
CREATE FUNCTION espalier_governance.masked_columns(p_profile text, p_rel oid) RETURNS TABLE (attnum smallint, expression text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT m.attnum, m.expression FROM espalier_governance.masked_column m WHERE m.profile = p_profile AND m.relid = p_rel;
END $$;

CREATE FUNCTION espalier_governance.is_protected(p_profile text, p_rel oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM espalier_governance.protected_relation p WHERE p.profile = p_profile AND p.relid = p_rel);
END $$;

-- Columns that are shown, and by which it could be found out what is in one that is not, if they were changed: a mask is given them, or a check, an index, a
-- policy of the table's own or a generated column holds them against it; and what such a column is made of.
CREATE FUNCTION espalier_governance.telling_columns(p_profile text, p_rel oid) RETURNS SETOF name
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    hidden name[] := ARRAY(
        SELECT a.attname
        FROM espalier_governance.masked_columns(p_profile, p_rel) m JOIN pg_attribute a ON a.attrelid = p_rel AND a.attnum = m.attnum);
BEGIN
    IF hidden = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    -- What a part checks is checked of the whole's rows, too.
    WITH RECURSIVE part AS MATERIALIZED (
        SELECT p_rel AS relid UNION ALL SELECT espalier_governance.parts(p_rel)
    ),
    -- The number 0 stands for the whole row, on which nothing depends by its columns: it is in the text alone.
    held_against (relid, columns) AS (
        SELECT p.relid, k.conkey
        FROM part p JOIN pg_constraint k ON k.conrelid = p.relid AND k.contype = 'c'
        UNION ALL
        SELECT x.relid, CASE WHEN x.whole_row THEN '{0}' ELSE array_agg(d.refobjsubid::smallint) END
        FROM (
            SELECT p.relid, 'pg_policy'::regclass AS class, y.oid,
                   espalier_governance.has_whole_row(y.polqual::text) OR espalier_governance.has_whole_row(y.polwithcheck::text) AS whole_row
            FROM part p JOIN pg_policy y ON y.polrelid = p.relid AND y.polname !~ '^espalier_'
            UNION ALL
            SELECT p.relid, 'pg_class'::regclass, i.indexrelid,
                   espalier_governance.has_whole_row(i.indexprs::text) OR espalier_governance.has_whole_row(i.indpred::text)
            FROM part p JOIN pg_index i ON i.indrelid = p.relid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)) x
        JOIN pg_depend d ON d.classid = x.class AND d.objid = x.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = x.relid
        WHERE d.refobjsubid > 0 OR x.whole_row
        GROUP BY x.relid, x.class, x.oid, x.whole_row
        UNION ALL
        -- The key of partitions, by which a row finds one or none.
        SELECT p.relid,
               CASE
                   WHEN espalier_governance.has_whole_row(t.partexprs::text) THEN '{0}'
                   -- Columns that an expression of it names depend on the table.
                   ELSE array_remove(t.partattrs::smallint[], 0::smallint) || ARRAY(
                       SELECT d.objsubid::smallint FROM pg_depend d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = p.relid AND d.objsubid > 0
                         AND d.refclassid = 'pg_class'::regclass AND d.refobjid = p.relid AND d.deptype = 'i')
               END
        FROM part p JOIN pg_partitioned_table t ON t.partrelid = p.relid
        UNION ALL
        SELECT p.relid, array_agg(d.refobjsubid::smallint) || f.adnum
        FROM part p
        JOIN pg_attrdef f ON f.adrelid = p.relid
        JOIN pg_attribute a ON a.attrelid = p.relid AND a.attnum = f.adnum AND a.attgenerated <> ''
        JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = p.relid AND d.refobjsubid NOT IN (0, f.adnum)
        GROUP BY p.relid, f.oid, f.adnum
    ),
    given (attname) AS (
        SELECT a.attname
        FROM espalier_governance.masked_columns(p_profile, p_rel) m
        CROSS JOIN LATERAL regexp_matches(m.expression, '\{(\d+)\}', 'g') n (number)
        JOIN pg_attribute a ON a.attrelid = p_rel AND a.attnum = n.number[1]::smallint
        UNION
        SELECT a.attname
        FROM (
            SELECT h.relid, h.columns FROM held_against h
            WHERE EXISTS (
                SELECT FROM unnest(h.columns) o (attnum)
                LEFT JOIN pg_attribute b ON b.attrelid = h.relid AND b.attnum = o.attnum
                WHERE o.attnum = 0 OR b.attname = ANY (hidden))) h
        CROSS JOIN unnest(h.columns) c (attnum)
        JOIN pg_attribute a ON a.attrelid = h.relid AND NOT a.attisdropped AND CASE c.attnum WHEN 0 THEN a.attnum > 0 ELSE a.attnum = c.attnum END
        UNION
        SELECT b.attname
        FROM given g
        JOIN pg_attribute a ON a.attrelid = p_rel AND a.attname = g.attname AND a.attgenerated <> ''
        JOIN pg_attrdef f ON f.adrelid = p_rel AND f.adnum = a.attnum
        JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = p_rel AND d.refobjsubid > 0
        JOIN pg_attribute b ON b.attrelid = p_rel AND b.attnum = d.refobjsubid
    )
    SELECT g.attname FROM given g WHERE g.attname <> ALL (hidden);
END $$;

-- Whether a mask or a filter of a view goes by columns that they could change whom it is for, by writing what the view is made of, or what leads there.
CREATE FUNCTION espalier_governance.is_turned_below(p_profile text, p_view oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        WITH RECURSIVE source (relid) AS (
            SELECT espalier_governance.lineage(p_view)
            UNION
            SELECT e.relid
            FROM source s
            CROSS JOIN LATERAL (SELECT x.relid FROM espalier_governance.write_edge x WHERE x.reached = s.relid OFFSET 0) e
        )
        SELECT
        FROM source s
        JOIN espalier_governance.relation_access a ON a.profile = p_profile AND a.relid = s.relid AND a.writes AND a.closed IS NULL
        WHERE s.relid <> p_view);
END $$;

-- For whom which of the relations are protected.
CREATE FUNCTION espalier_governance.protected_for(p_relations oid[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(
        SELECT format('%s %s', p.profile, u.relid)
        FROM espalier_governance.profile p CROSS JOIN unnest(p_relations) u (relid)
        WHERE espalier_governance.is_protected(p.profile, u.relid)
        ORDER BY 1)
$$;

-- What a view is made of, down to the tables.
CREATE FUNCTION espalier_governance.lineage(p_rel oid) RETURNS SETOF oid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE below (relid) AS (
        SELECT p_rel
        UNION
        SELECT d.refobjid
        FROM below b
        JOIN pg_rewrite w ON w.ev_class = b.relid AND w.ev_type = '1'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    )
    SELECT b.relid FROM below b WHERE b.relid <> p_rel;
END $$;

-- Whether a rule of the relation's own, which runs with its owner's rights, leads to what is protected.
CREATE FUNCTION espalier_governance.rule_reaching_protected(p_profile text, p_rel oid) RETURNS name
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT min(w.rulename::text)
        FROM pg_rewrite w
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
        WHERE w.ev_class = p_rel AND w.ev_type <> '1' AND d.refobjid <> p_rel
          AND (espalier_governance.is_protected(p_profile, d.refobjid)
               OR espalier_governance.has_protected_ancestor(p_profile, d.refobjid)
               OR espalier_governance.has_protected_source(p_profile, d.refobjid)));
END $$;

-- Whether what it is made of, or is a part of, is protected.
CREATE FUNCTION espalier_governance.has_protected_source(p_profile text, p_rel oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
            SELECT FROM espalier_governance.lineage(p_rel) l (relid)
            WHERE espalier_governance.is_protected(p_profile, l.relid)
               OR EXISTS (
                   SELECT FROM espalier_governance.ancestors(l.relid) a (relid)
                   WHERE espalier_governance.is_protected(p_profile, a.relid)));
END $$;

CREATE FUNCTION espalier_governance.has_protected_ancestor(p_profile text, p_rel oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM espalier_governance.ancestors(p_rel) a (relid)
        WHERE espalier_governance.is_protected(p_profile, a.relid));
END $$;

-- What runs with its owner's rights. An aggregate calls its functions as its own owner may.
CREATE VIEW espalier_governance.definer AS
SELECT f.oid FROM pg_catalog.pg_proc f WHERE f.prosecdef
UNION ALL
SELECT a.aggfnoid
FROM pg_catalog.pg_aggregate a
WHERE a.aggfnoid >= 16384 AND EXISTS (
    SELECT FROM pg_catalog.pg_proc f
    WHERE f.prosecdef AND f.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn));

-- Whether a function, or one that it calls as far as PostgreSQL knows, says something by itself, which its caller is shown: RAISE, at whatever level, or
-- ASSERT in PL/pgSQL. Not in comments, strings and names in quotes; where it is not plain where these end, they count.
CREATE FUNCTION espalier_governance.raises(p_function oid) RETURNS boolean
LANGUAGE plpgsql STABLE COST 10000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM espalier_governance.with_called(p_function) c (function)
        JOIN pg_proc f ON f.oid = c.function
        JOIN pg_language l ON l.oid = f.prolang AND l.lanname = 'plpgsql'
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN espalier_governance.is_too_long(f.prosrc) THEN 'raise'
                WHEN f.prosrc ~ '\$\w*\$|\\''' THEN f.prosrc
                ELSE espalier_governance.bare(f.prosrc)
            END AS text) b
        WHERE b.text ~* '\m(raise|assert)\M');
END $$;

-- Functions in masks and filters are bound when they are made, or have a search_path of their own that ends in pg_temp, and no backslash that a
-- caller's setting gives another meaning; they do not run with their owners' rights, give the same for the same, and say nothing of what they are given.
CREATE VIEW espalier_governance.unsafe_call AS
SELECT d.classid AS class, d.objid AS object, f.oid AS function
FROM espalier_governance.called_by d
JOIN pg_catalog.pg_proc f ON f.oid = d.function
WHERE f.pronamespace <> 'pg_catalog'::regnamespace
  AND (f.prosecdef OR f.provolatile = 'v' OR espalier_governance.is_loose(f.oid, true)
       -- As nearly all: those of the library say nothing.
       OR (f.pronamespace <> 'espalier_mask'::regnamespace AND espalier_governance.raises(f.oid)));

-- All that a function is called and does, as far as PostgreSQL knows: the rules find it by its name.
CREATE FUNCTION espalier_governance.function_hash(p_function oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT md5(concat_ws(chr(10), f.proname, f.pronamespace, f.prolang, f.prosrc, f.probin, f.prosqlbody::text, f.proconfig::text, f.provolatile, f.prosecdef,
        f.proleakproof, f.proisstrict, f.prosupport))
    FROM pg_proc f WHERE f.oid = p_function
$$;

-- What a view calls, by name or as an operator.
CREATE FUNCTION espalier_governance.called_by_view(p_view oid) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT d.function
    FROM pg_rewrite w
    JOIN espalier_governance.called_by d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    WHERE w.ev_class = p_view
$$;

-- The functions of users that masks and filters call, and those that these name in bodies which PostgreSQL has read.
CREATE VIEW espalier_governance.called_function AS
WITH RECURSIVE called (function) AS (
    SELECT d.function
    FROM espalier_governance.compiled k
    JOIN pg_catalog.pg_rewrite w ON w.ev_class IN (k.view, k.write_view)
    JOIN espalier_governance.called_by d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
    JOIN pg_catalog.pg_class r ON r.oid = k.relid AND r.relkind <> 'v'
    UNION
    SELECT unnest(k.calls) FROM espalier_governance.compiled k
    UNION
    SELECT d.function
    FROM pg_catalog.pg_policy y
    JOIN espalier_governance.called_by d ON d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = y.oid
    WHERE y.polname LIKE 'espalier\_filter\_%'
    UNION
    SELECT d.function
    FROM called c
    JOIN espalier_governance.called_by d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = c.function
)
SELECT c.function
FROM called c
JOIN pg_catalog.pg_proc f ON f.oid = c.function
WHERE f.pronamespace NOT IN ('pg_catalog'::regnamespace, 'espalier_mask'::regnamespace, 'espalier_governance'::regnamespace);
