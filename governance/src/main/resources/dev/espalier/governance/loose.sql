-- Code of which the caller decides what its names mean. PostgreSQL looks for tables, views and types among a caller's temporary ones first, unless
-- the search_path says where pg_temp comes: what he calls orders, or text, takes the place of what was meant. Such code would write
-- rows that he may not see into his tables, or run his functions with its owner's rights.

-- One name after the other, as PostgreSQL reads them: the last, and no other, is pg_temp. 'app, pg_temp' in one pair of quotes is a single name.
CREATE FUNCTION espalier_governance.is_pinned(p_settings text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM unnest(p_settings) c (setting)
        WHERE c.setting ~ '^search_path=\s*(("([^"]|"")*"|[^",\s]+)\s*,\s*)+("pg_temp"|pg_temp)\s*$' AND c.setting !~ 'pg_temp.*pg_temp')
$$;

-- A text body is read again for each caller, who says by this setting whether a backslash in a string is one.
CREATE FUNCTION espalier_governance.keeps_backslashes(p_settings text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM unnest(p_settings) c (setting) WHERE c.setting = 'standard_conforming_strings=on')
$$;

-- Whether a text is longer than anybody writes one: it is not read. To look for words in it takes many times its length of memory, and PostgreSQL
-- gives no more than 1 GB at a time. It tells a length without reading what it is of.
CREATE FUNCTION espalier_governance.is_too_long(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(octet_length(p_text) > 1048576, false)
$$;

-- Whether an expression, as PostgreSQL keeps it, has a whole row of its own table in it, or is too long to tell.
CREATE FUNCTION espalier_governance.has_whole_row(p_expression text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN espalier_governance.is_too_long(p_expression) THEN true ELSE coalesce(p_expression ~ ':varattno 0\M', false) END
$$;

-- The functions that PostgreSQL knows to be called by something: by name, or as an operator.
CREATE VIEW espalier_governance.called_by_name AS
SELECT d.classid, d.objid, CASE d.refclassid WHEN 'pg_catalog.pg_proc'::regclass THEN d.refobjid ELSE o.oprcode::oid END AS function
FROM pg_catalog.pg_depend d
LEFT JOIN pg_catalog.pg_operator o ON d.refclassid = 'pg_catalog.pg_operator'::regclass AND o.oid = d.refobjid
WHERE d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass);

-- Functions that run when a value becomes one of a type: by the checks and defaults of domains, in whatever they are, and of those that these name.
CREATE FUNCTION espalier_governance.type_code(p_type oid) RETURNS SETOF oid
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE part (type) AS (
        SELECT p_type
        UNION
        SELECT x.type
        FROM part p
        JOIN pg_type t ON t.oid = p.type
        CROSS JOIN LATERAL (
            SELECT t.typbasetype WHERE t.typtype = 'd'
            UNION ALL SELECT t.typelem WHERE t.typelem <> 0
            UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
            UNION ALL
            SELECT d.refobjid
            FROM pg_constraint k
            JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid = 'pg_type'::regclass
            WHERE k.contypid = t.oid
            UNION ALL
            SELECT a.atttypid FROM pg_attribute a
            WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) x (type)
    )
    SELECT c.function
    FROM part p
    JOIN pg_constraint k ON k.contypid = p.type
    JOIN espalier_governance.called_by_name c ON c.classid = 'pg_constraint'::regclass AND c.objid = k.oid
    UNION
    SELECT c.function
    FROM part p JOIN espalier_governance.called_by_name c ON c.classid = 'pg_type'::regclass AND c.objid = p.type;
END $$;

-- What something calls, also by naming a type that PostgreSQL did not come with; what it has columns of is not named by it. One subquery for
-- each dependency, and no union of views: PostgreSQL finds those of one thing by an index.
CREATE VIEW espalier_governance.called_by AS
SELECT d.classid, d.objid, c.function
FROM pg_catalog.pg_depend d
CROSS JOIN LATERAL (
    SELECT d.refobjid AS function WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass
    UNION ALL
    SELECT o.oprcode::oid
    FROM pg_catalog.pg_operator o
    WHERE d.refclassid = 'pg_catalog.pg_operator'::regclass AND o.oid = d.refobjid
    UNION ALL
    SELECT f.function
    FROM pg_catalog.pg_type t
    CROSS JOIN LATERAL espalier_governance.type_code(t.oid) f (function)
    WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid >= 16384 AND d.objsubid = 0 AND d.classid <> 'pg_catalog.pg_type'::regclass
      AND t.oid = d.refobjid AND (t.typtype IN ('d', 'c', 'r', 'm') OR t.typelem <> 0)) c
WHERE d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_type'::regclass);

-- Whether a function, or one that it calls, is loose. What is bound when it is made (BEGIN ATOMIC) is not, nor what runs within one that is pinned
-- and has no search_path of its own. A policy's may not have a backslash that its caller could take for something else, either.
CREATE FUNCTION espalier_governance.is_loose(p_function oid, p_of_policy boolean DEFAULT false) RETURNS boolean
LANGUAGE plpgsql STABLE COST 10000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        WITH RECURSIVE called (function, pinned, spelled) AS (
            SELECT f.oid, espalier_governance.is_pinned(f.proconfig), espalier_governance.keeps_backslashes(f.proconfig)
            FROM pg_proc f WHERE f.oid = p_function
            UNION
            SELECT f.oid,
                   CASE
                       WHEN EXISTS (SELECT FROM unnest(f.proconfig) s WHERE starts_with(s, 'search_path=')) THEN espalier_governance.is_pinned(f.proconfig)
                       ELSE c.pinned
                   END,
                   CASE
                       WHEN EXISTS (SELECT FROM unnest(f.proconfig) s WHERE starts_with(s, 'standard_conforming_strings='))
                           THEN espalier_governance.keeps_backslashes(f.proconfig)
                       ELSE c.spelled
                   END
            FROM called c
            JOIN espalier_governance.called_by d ON d.classid = 'pg_proc'::regclass AND d.objid = c.function
            JOIN pg_proc f ON f.oid = d.function
        )
        SELECT
        FROM called c
        JOIN pg_proc f ON f.oid = c.function AND f.pronamespace <> 'pg_catalog'::regnamespace AND f.prosqlbody IS NULL
        JOIN pg_language l ON l.oid = f.prolang AND l.lanname NOT IN ('c', 'internal')
        WHERE NOT c.pinned OR (p_of_policy AND NOT c.spelled AND position(chr(92) IN f.prosrc) > 0));
END $$;

-- A function, and all that it calls as far as PostgreSQL knows.
CREATE FUNCTION espalier_governance.with_called(p_function oid) RETURNS SETOF oid
LANGUAGE plpgsql STABLE ROWS 2 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE called (function) AS (
        SELECT p_function
        UNION
        SELECT d.function
        FROM called c JOIN espalier_governance.called_by d ON d.classid = 'pg_proc'::regclass AND d.objid = c.function
    )
    SELECT c.function FROM called c;
END $$;

-- Whether the text of a function, or of one that it calls, is about temporary tables: what they are called is looked up among the caller's, whatever the
-- search_path is, and what runs with them is his code. Comments say nothing of it. What is too long to look through could be about anything.
CREATE FUNCTION espalier_governance.names_temporary(p_function oid) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- As nearly all: what PostgreSQL brings calls nothing else.
    IF EXISTS (SELECT FROM pg_proc f WHERE f.oid = p_function AND f.pronamespace = 'pg_catalog'::regnamespace) THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT
        FROM espalier_governance.with_called(p_function) c (function)
        JOIN pg_proc f ON f.oid = c.function AND f.pronamespace <> 'pg_catalog'::regnamespace AND f.prosqlbody IS NULL
        JOIN pg_language l ON l.oid = f.prolang AND l.lanname NOT IN ('c', 'internal')
        CROSS JOIN LATERAL (
            SELECT espalier_governance.is_too_long(f.prosrc) AS too_long,
                   CASE WHEN NOT espalier_governance.is_too_long(f.prosrc)
                       THEN regexp_replace(f.prosrc, '--[^\n\r]*|/\*([^*]|\*+[^*/])*\*+/', ' ', 'g') END AS text) x
        WHERE x.too_long
           OR x.text ~* '\mpg_temp\M|\mtemp(orary)?\s+(table|view|sequence|recursive)\M'
           -- What follows INTO in PL/pgSQL is a variable, but for texts that it executes.
           OR ((l.lanname <> 'plpgsql' OR x.text ~* '\mexecute\M') AND x.text ~* '\minto\s+((local|global)\s+)?temp(orary)?\s+(table\s+)?["\w]'));
END $$;

-- Functions that run when a row of a relation is written: those of triggers, which need no privilege, and those that are called with its columns.
CREATE VIEW espalier_governance.row_code AS
SELECT t.tgrelid AS relid, c.function, c.function = t.tgfoid AS is_trigger, true AS sees_row
FROM espalier_governance.called_by c
JOIN pg_catalog.pg_trigger t ON t.oid = c.objid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
WHERE c.classid = 'pg_catalog.pg_trigger'::regclass
UNION ALL
SELECT k.conrelid, c.function, false, true
FROM espalier_governance.called_by c
JOIN pg_catalog.pg_constraint k ON k.oid = c.objid AND k.conrelid <> 0
WHERE c.classid = 'pg_catalog.pg_constraint'::regclass
UNION ALL
SELECT i.indrelid, c.function, false, true
FROM espalier_governance.called_by c
JOIN pg_catalog.pg_index i ON i.indexrelid = c.objid
WHERE c.classid = 'pg_catalog.pg_class'::regclass
UNION ALL
-- The key of its partitions.
SELECT p.partrelid, c.function, false, true
FROM espalier_governance.called_by c
JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = c.objid
WHERE c.classid = 'pg_catalog.pg_class'::regclass
UNION ALL
SELECT w.ev_class, c.function, false, true
FROM espalier_governance.called_by c
JOIN pg_catalog.pg_rewrite w ON w.oid = c.objid AND w.ev_type <> '1'
WHERE c.classid = 'pg_catalog.pg_rewrite'::regclass
UNION ALL
SELECT f.adrelid, c.function, false, a.attgenerated <> ''
FROM espalier_governance.called_by c
JOIN pg_catalog.pg_attrdef f ON f.oid = c.objid
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
WHERE c.classid = 'pg_catalog.pg_attrdef'::regclass
UNION ALL
-- Types that PostgreSQL did not come with. What becomes one is what the caller says, unless it is generated, or somebody else writes it.
SELECT a.attrelid, c.function, false, a.attgenerated <> ''
FROM pg_catalog.pg_attribute a
CROSS JOIN LATERAL espalier_governance.type_code(a.atttypid) c (function)
WHERE a.atttypid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped;

-- Loose functions in row security that is not the rules': it calls them, as whoever reads, with whole rows, of which he is to see a part.
CREATE FUNCTION espalier_governance.loose_policies() RETURNS TABLE (relid oid, function oid)
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT y.polrelid, c.function
    FROM pg_policy y
    JOIN espalier_governance.called_by c ON c.classid = 'pg_policy'::regclass AND c.objid = y.oid
    WHERE y.polname !~ '^espalier_' AND espalier_governance.is_loose(c.function);
END $$;

-- Where writing goes on: to parts, to what a view is made of or a rule names, and by foreign keys, as the owner of what refers.
CREATE VIEW espalier_governance.write_edge AS
SELECT i.inhparent AS relid, i.inhrelid AS reached, 'part' AS way
FROM pg_catalog.pg_inherits i
UNION ALL
SELECT w.ev_class, d.refobjid, 'rule'
FROM pg_catalog.pg_rewrite w
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> w.ev_class
UNION ALL
-- By what it depends on: PostgreSQL has no index of constraints by the table that they refer to.
SELECT d.refobjid, c.conrelid, 'cascade'
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_constraint c ON c.oid = d.objid AND c.confrelid = d.refobjid
WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
  AND c.contype = 'f' AND (c.confdeltype IN ('c', 'n', 'd') OR c.confupdtype IN ('c', 'n', 'd'));

-- What writing to relations reaches; whether as another's rights; and whose rows the code there sees.
CREATE FUNCTION espalier_governance.written_with(p_relations oid[])
RETURNS TABLE (relid oid, reached oid, as_owner boolean, row_of oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE way (relid, reached, as_owner, row_of) AS (
        SELECT u.relid, u.relid, false, u.relid FROM unnest(p_relations) u (relid)
        UNION
        SELECT w.relid, e.reached, w.as_owner OR e.way = 'cascade', CASE e.way WHEN 'rule' THEN e.reached ELSE w.row_of END
        FROM way w
        -- One by one, by indexes: it is asked for one relation after the other.
        CROSS JOIN LATERAL (SELECT x.reached, x.way FROM espalier_governance.write_edge x WHERE x.relid = w.reached OFFSET 0) e
    )
    SELECT w.relid, w.reached, w.as_owner, w.row_of FROM way w;
END $$;

-- Loose code that would run if profiles wrote relations, where it could show them something: with another's rights, or on rows of which not
-- everything is theirs to see.
CREATE FUNCTION espalier_governance.loose_code(p_profiles text[], p_relations oid[])
RETURNS TABLE (profile text, relid oid, function oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH way AS MATERIALIZED (
        SELECT w.* FROM espalier_governance.written_with(ARRAY(SELECT DISTINCT u FROM unnest(p_relations) u)) w
    ),
    -- Each relation is asked for once, in however many ways it is reached.
    ran AS MATERIALIZED (
        SELECT r.reached, c.function, c.is_trigger, c.sees_row
        FROM (SELECT DISTINCT w.reached FROM way w) r
        CROSS JOIN LATERAL (SELECT x.function, x.is_trigger, x.sees_row FROM espalier_governance.row_code x WHERE x.relid = r.reached OFFSET 0) c
    ),
    code AS MATERIALIZED (
        SELECT w.relid, c.function, w.row_of, w.as_owner OR (c.is_trigger AND f.prosecdef) AS anyway
        FROM way w
        JOIN ran c ON c.reached = w.reached AND (c.sees_row OR w.as_owner)
        JOIN pg_proc f ON f.oid = c.function
    ),
    loose AS MATERIALIZED (
        SELECT f.function
        FROM (SELECT DISTINCT c.function FROM code c) f
        WHERE espalier_governance.is_loose(f.function) OR espalier_governance.names_temporary(f.function)
    )
    SELECT DISTINCT u.profile, u.relid, c.function
    FROM unnest(p_profiles, p_relations) u (profile, relid)
    JOIN code c ON c.relid = u.relid
    JOIN loose l ON l.function = c.function
    WHERE c.anyway
       -- Rows that a filter hides are not written, but where another's rights write them.
       OR CASE WHEN c.row_of = u.relid
              THEN EXISTS (SELECT FROM espalier_governance.masked_columns(u.profile, c.row_of))
              ELSE espalier_governance.is_protected(u.profile, c.row_of)
          END
       OR NOT EXISTS (
           SELECT FROM espalier_governance.relation_access a
           WHERE a.profile = u.profile AND a.relid = c.row_of AND a.reads);
END $$;

-- Foreign keys that would change rows of what is hidden from profiles when they update relations or delete from them. PostgreSQL does that as the owner of
-- what refers, and shows a row whole where it cannot be changed. With the first key's columns, without which nothing is carried on.
CREATE FUNCTION espalier_governance.telling_keys(p_profiles text[], p_relations oid[])
RETURNS TABLE (profile text, relid oid, how text, columns name[], told oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
            SELECT FROM pg_constraint k WHERE k.contype = 'f' AND (k.confupdtype IN ('c', 'n', 'd') OR k.confdeltype IN ('n', 'd'))) THEN
        RETURN;
    END IF;
    RETURN QUERY
    -- With the columns that are changed in what is reached, where it is not any.
    WITH RECURSIVE way (relid, how, columns, reached, change, changed, by_key) AS (
        SELECT DISTINCT u.relid, h.how, NULL::name[], u.relid, h.how, NULL::name[], false
        FROM unnest(p_relations) u (relid) CROSS JOIN (VALUES ('update'), ('delete')) h (how)
        UNION
        SELECT w.relid, w.how, coalesce(w.columns, e.columns), e.reached, e.change, e.changed, e.columns IS NOT NULL
        FROM way w
        CROSS JOIN LATERAL (
            SELECT k.conrelid AS reached, CASE WHEN w.change = 'delete' AND k.confdeltype = 'c' THEN 'delete' ELSE 'update' END AS change,
                   n.referred AS columns, n.referring AS changed
            FROM pg_depend d
            -- What parts of what refers have is there for the whole as well.
            JOIN pg_constraint k ON k.oid = d.objid AND k.confrelid = d.refobjid AND k.conparentid = 0
            CROSS JOIN LATERAL (
                SELECT ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)) AS referred,
                       ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) AS referring) n
            WHERE d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = w.reached AND k.contype = 'f'
              AND CASE w.change
                      WHEN 'update' THEN k.confupdtype IN ('c', 'n', 'd') AND (w.changed IS NULL OR w.changed && n.referred)
                      ELSE k.confdeltype IN ('c', 'n', 'd')
                  END
            UNION ALL
            SELECT i.inhrelid, w.change, NULL, w.changed FROM pg_inherits i WHERE i.inhparent = w.reached
            UNION ALL
            -- What refers to a whole refers to its parts.
            SELECT i.inhparent, w.change, NULL, w.changed FROM pg_inherits i WHERE i.inhrelid = w.reached AND w.columns IS NULL
            UNION ALL
            SELECT d.refobjid, h.how, NULL, NULL
            FROM pg_rewrite r
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
            CROSS JOIN (VALUES ('update'), ('delete')) h (how)
            WHERE r.ev_class = w.reached
            OFFSET 0) e
    ),
    told AS MATERIALIZED (
        SELECT DISTINCT u.profile, w.relid, w.how, w.columns, w.reached
        FROM unnest(p_profiles, p_relations) u (profile, relid)
        JOIN way w ON w.relid = u.relid AND w.by_key AND w.change = 'update'
    ),
    hidden AS MATERIALIZED (
        SELECT c.profile, c.reached
        FROM (SELECT DISTINCT x.profile, x.reached FROM told x) c
        WHERE espalier_governance.is_protected(c.profile, c.reached) OR espalier_governance.has_protected_ancestor(c.profile, c.reached)
    )
    SELECT c.profile, c.relid, c.how, c.columns, c.reached
    FROM told c JOIN hidden h ON h.profile = c.profile AND h.reached = c.reached;
END $$;

-- What is written, by those whom a policy binds, that is written on to relations by foreign keys.
CREATE FUNCTION espalier_governance.writing_to(p_profiles text[], p_relations oid[]) RETURNS TABLE (profile text, relid oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE source (relid, reached, referred) AS (
        SELECT DISTINCT u, u, false FROM unnest(p_relations) u
        UNION
        SELECT e.relid, s.reached, s.referred OR e.way = 'cascade'
        FROM source s
        CROSS JOIN LATERAL (SELECT x.relid, x.way FROM espalier_governance.write_edge x WHERE x.reached = s.relid OFFSET 0) e
    )
    SELECT DISTINCT u.profile, s.relid
    FROM unnest(p_profiles, p_relations) u (profile, relid)
    JOIN espalier_governance.profile p ON p.profile = u.profile AND p.bound
    JOIN source s ON s.reached = u.relid AND s.referred
    JOIN espalier_governance.relation_access a ON a.profile = u.profile AND a.relid = s.relid AND a.writes;
END $$;

-- Those that they can have carry something on.
CREATE FUNCTION espalier_governance.telling_keys_in_use() RETURNS TABLE (profile text, relid oid, how text, told oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    profiles text[];
    relations oid[];
BEGIN
    SELECT array_agg(w.profile), array_agg(w.relid) INTO profiles, relations
    FROM espalier_governance.written_by_bound w;
    RETURN QUERY
    SELECT t.profile, t.relid, t.how, t.told
    FROM espalier_governance.telling_keys(profiles, relations) t
    LEFT JOIN espalier_governance.held h ON h.profile = t.profile AND h.relid = t.relid
    LEFT JOIN espalier_governance.compiled k ON k.profile = t.profile AND k.relid = t.relid
    LEFT JOIN pg_class v ON v.oid = k.view
    WHERE upper(t.how) = ANY (h.privileges)
       OR CASE t.how
              WHEN 'delete' THEN has_table_privilege(espalier_governance.profile_role(t.profile), v.oid, 'DELETE')
              ELSE EXISTS (
                  SELECT FROM pg_attribute a
                  WHERE a.attrelid = coalesce(k.write_view, v.oid) AND a.attname = ANY (t.columns)
                    AND has_column_privilege(espalier_governance.profile_role(t.profile), a.attrelid, a.attnum, 'UPDATE'))
          END;
END $$;

-- All loose code that those whom a policy binds could run by writing.
CREATE FUNCTION espalier_governance.loose_code_in_use() RETURNS TABLE (profile text, relid oid, function oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    profiles text[];
    relations oid[];
BEGIN
    IF NOT EXISTS (
            SELECT
            FROM (SELECT DISTINCT c.function FROM espalier_governance.row_code c) f
            WHERE espalier_governance.is_loose(f.function) OR espalier_governance.names_temporary(f.function)) THEN
        RETURN;
    END IF;
    SELECT array_agg(w.profile), array_agg(w.relid) INTO profiles, relations
    FROM espalier_governance.written_by_bound w;
    RETURN QUERY SELECT l.profile, l.relid, l.function FROM espalier_governance.loose_code(profiles, relations) l;
END $$;

-- The words of a statement that could be names, in small letters, each once.
CREATE FUNCTION espalier_governance.words(p_query text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(SELECT DISTINCT w FROM regexp_split_to_table(lower(p_query COLLATE "C"), '[^a-z0-9_$]+') w)
$$;

-- Whether the text of a statement, in small letters and with those words, has the name in it. A name in Unicode escapes may be any.
CREATE FUNCTION espalier_governance.names(p_query text, p_words text[], p_name name, p_operator boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT strpos(p_query, 'u&"') > 0 OR CASE
        WHEN p_operator OR n.name !~ '^[a-z0-9_$]+$' THEN strpos(p_query, n.name) > 0
        ELSE n.name = ANY (p_words)
    END
    FROM (SELECT lower(replace(p_name::text COLLATE "C", '"', '""')) AS name) n
$$;

-- CREATE INDEX CONCURRENTLY commits an index that all who write keep up, before anything could take writing from those whom its code could show whole
-- rows. It runs in no function or block, so that its text names the code.
CREATE FUNCTION espalier_governance.refuse_loose_index(p_query text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    query text := lower(p_query COLLATE "C");
    words text[];
    loose regprocedure;
    written regclass;
BEGIN
    IF query !~ '\mconcurrently\M' THEN
        RETURN;
    END IF;
    words := espalier_governance.words(query);
    SELECT c.function INTO loose
    FROM (
        SELECT 'function' AS kind, f.oid, f.proname AS name FROM pg_proc f WHERE f.pronamespace <> 'pg_catalog'::regnamespace
        UNION ALL
        SELECT 'operator', o.oprcode, o.oprname FROM pg_operator o WHERE o.oprnamespace <> 'pg_catalog'::regnamespace
        UNION ALL
        SELECT 'domain', t.oid, t.typname FROM pg_type t WHERE t.typtype = 'd'
    ) x
    CROSS JOIN LATERAL (
        SELECT x.oid AS function WHERE x.kind <> 'domain'
        UNION ALL
        SELECT t.function FROM espalier_governance.type_code(x.oid) t (function) WHERE x.kind = 'domain') c
    JOIN pg_proc f ON f.oid = c.function AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
    WHERE espalier_governance.names(query, words, x.name, x.kind = 'operator') AND espalier_governance.is_loose(c.function)
    ORDER BY c.function LIMIT 1;
    IF loose IS NULL THEN
        RETURN;
    END IF;
    SELECT c.oid INTO written
    FROM espalier_governance.written_with(ARRAY(
        SELECT DISTINCT a.relid
        FROM espalier_governance.relation_access a JOIN espalier_governance.profile p ON p.profile = a.profile AND p.bound
        WHERE a.writes)) w
    JOIN pg_class c ON c.oid = w.reached
    WHERE espalier_governance.names(query, words, c.relname, false)
    ORDER BY c.oid LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an index that is made CONCURRENTLY would run % with rows that those write whom a policy binds, and could be made to show them',
                loose
            USING ERRCODE = '42501',
                  HINT = format('Say first: ALTER FUNCTION %s SET search_path = %s, pg_temp; or leave CONCURRENTLY out, and those do not write %s any more.',
                      loose, (SELECT quote_ident(n.nspname) FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE f.oid = loose), written);
    END IF;
END $$;

-- Functions with all that call them.
CREATE FUNCTION espalier_governance.with_callers(p_functions oid[]) RETURNS oid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- As after nearly all statements.
    IF cardinality(p_functions) = 0 THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        WITH RECURSIVE caller (function) AS (
            SELECT u FROM unnest(p_functions) u
            UNION
            SELECT d.objid
            FROM caller c
            JOIN espalier_governance.called_by d ON d.classid = 'pg_proc'::regclass AND d.function = c.function
        )
        SELECT function FROM caller);
END $$;

-- Relations by which these are read or written, too, for which it is no longer the same what is masked or who may write.
CREATE FUNCTION espalier_governance.leading_to(p_relations oid[]) RETURNS oid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    above oid[];
    profiles text[];
    relations oid[];
BEGIN
    WITH RECURSIVE source (relid) AS (
        SELECT u FROM unnest(p_relations) u
        UNION
        SELECT e.relid FROM source s JOIN espalier_governance.write_edge e ON e.reached = s.relid
    )
    SELECT array_agg(s.relid) INTO above
    FROM (
        SELECT r.relid FROM source r
        UNION
        -- Whose foreign key may have been dropped.
        SELECT n.relid FROM espalier_governance.note n WHERE n.told IS NOT NULL) s
    WHERE s.relid <> ALL (p_relations);
    SELECT array_agg(a.profile), array_agg(a.relid) INTO profiles, relations
    FROM espalier_governance.relation_access a
    JOIN espalier_governance.profile p ON p.profile = a.profile AND p.bound
    WHERE a.relid = ANY (above) AND a.writes;
    RETURN ARRAY(
        -- All of them at once: what they reach is much the same.
        WITH loose AS MATERIALIZED (
            SELECT DISTINCT l.profile, l.relid FROM espalier_governance.loose_code(profiles, relations) l
        ),
        telling AS MATERIALIZED (
            SELECT DISTINCT t.profile, t.relid FROM espalier_governance.telling_keys(profiles, relations) t
        )
        SELECT u.relid
        FROM unnest(profiles, relations) u (profile, relid)
        LEFT JOIN espalier_governance.note n ON n.profile = u.profile AND n.relid = u.relid
        WHERE (n.relid IS NOT NULL) <> ((u.profile, u.relid) IN (SELECT l.profile, l.relid FROM loose l))
           OR n.told IS NOT NULL
           OR (u.profile, u.relid) IN (SELECT t.profile, t.relid FROM telling t)
        UNION
        SELECT c.oid
        FROM pg_class c
        -- What a part checks, it checks of the whole's rows as well.
        WHERE c.oid = ANY (above) AND c.relhassubclass AND (EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.relid = c.oid) OR EXISTS (
            -- By their numbers: of what is not asked for, the views come to nothing.
            SELECT FROM espalier_governance.protected_relation r WHERE r.relid = ANY (ARRAY(SELECT espalier_governance.parts(c.oid)))))
        UNION
        -- Views whose masks or filters go by columns of what may be written otherwise now.
        SELECT x.relid
        FROM (
            SELECT m.relid FROM espalier_governance.mask m WHERE m.expression ~ '\{\d+\}'
            UNION
            SELECT f.relid FROM espalier_governance.filter f) x
        JOIN pg_class c ON c.oid = x.relid AND c.relkind IN ('v', 'm')
        WHERE EXISTS (
            SELECT FROM unnest(p_relations) u (relid)
            CROSS JOIN LATERAL (SELECT u.relid AS source UNION ALL SELECT espalier_governance.lineage(u.relid)) l
            WHERE l.source IN (SELECT espalier_governance.lineage(c.oid)))
        UNION
        -- Other parents of what these are parts of now, or have as parts.
        SELECT a.relid
        FROM (SELECT u AS relid FROM unnest(p_relations) u UNION SELECT espalier_governance.parts(u) FROM unnest(p_relations) u) t
        JOIN pg_inherits i ON i.inhrelid = t.relid AND i.inhseqno > 1
        CROSS JOIN LATERAL espalier_governance.ancestors(t.relid) a (relid)
        JOIN espalier_governance.closed_by_part b ON b.relid = a.relid
        WHERE a.relid <> ALL (p_relations));
END $$;
