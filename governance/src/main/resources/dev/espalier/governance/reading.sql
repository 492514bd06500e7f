-- What it takes to read a view: whom PostgreSQL asks for what it is made of, and the code that runs then.

-- What views name, once for each column of it that they take.
CREATE VIEW espalier_governance.view_source AS
SELECT w.ev_class AS view, w.oid AS rule, d.refobjid AS source, d.refobjsubid::smallint AS attnum
FROM pg_catalog.pg_rewrite w
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> w.ev_class
WHERE w.ev_type = '1';

CREATE FUNCTION espalier_governance.has_option(p_view oid, p_option text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_class c CROSS JOIN LATERAL pg_options_to_table(c.reloptions) o
        WHERE c.oid = p_view AND CASE o.option_name WHEN p_option THEN o.option_value::boolean ELSE false END);
END $$;

-- What a view reads as whoever reads it, because it is a security_invoker: what it names, and what such views among that do.
CREATE FUNCTION espalier_governance.read_as_caller(p_view oid) RETURNS SETOF oid
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE below (relid) AS (
        SELECT p_view
        UNION
        SELECT s.source
        FROM below b JOIN espalier_governance.view_source s ON s.view = b.relid
        WHERE espalier_governance.has_option(b.relid, 'security_invoker')
    )
    SELECT b.relid FROM below b JOIN espalier_governance.governed_relation g ON g.oid = b.relid WHERE b.relid <> p_view;
END $$;

-- What views name that their owners may not read, the whole or the columns that are taken. A row as a whole, and system columns, are in the text alone.
CREATE VIEW espalier_governance.unread_by_owner AS
SELECT x.view, x.owner, x.source
FROM (
    SELECT DISTINCT v.oid AS view, v.relowner AS owner, n.rule, n.source
    FROM pg_catalog.pg_class v
    JOIN espalier_governance.governed_schema g ON g.oid = v.relnamespace
    JOIN espalier_governance.view_source n ON n.view = v.oid
    JOIN pg_catalog.pg_class s ON s.oid = n.source AND s.relkind IN ('r', 'p', 'v', 'm', 'f')
    WHERE v.relkind = 'v') x
WHERE CASE
    WHEN has_table_privilege(x.owner, x.source, 'SELECT') THEN false
    WHEN NOT has_any_column_privilege(x.owner, x.source, 'SELECT') THEN true
    ELSE EXISTS (
            SELECT FROM espalier_governance.view_source n
            WHERE n.rule = x.rule AND n.source = x.source AND n.attnum > 0 AND NOT has_column_privilege(x.owner, x.source, n.attnum, 'SELECT'))
        OR EXISTS (
            SELECT FROM pg_catalog.pg_rewrite w
            WHERE w.oid = x.rule
              AND CASE WHEN espalier_governance.is_too_long(w.ev_action::text) THEN true ELSE w.ev_action::text ~ ':varattno (0|-\d+)\M' END)
END;

-- What a profile would be shown by its view of a view, though who is asked for it in PostgreSQL may not read it: who owns the view that names it, or, where
-- that is a security_invoker, who reads. The profile's own views are read as one role, and that is lent all of it. NULL where there is nothing.
CREATE FUNCTION espalier_governance.unread_below(p_profile text, p_view oid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        -- What is neither made again nor a security_invoker PostgreSQL reads as its owner itself.
        WITH RECURSIVE made_again (view, as_caller) AS (
            SELECT p_view, x.as_caller
            FROM (SELECT espalier_governance.has_option(p_view, 'security_invoker') AS as_caller OFFSET 0) x
            WHERE x.as_caller OR espalier_governance.has_protected_source(p_profile, p_view)
            UNION
            SELECT c.oid, x.as_caller
            FROM made_again m
            JOIN espalier_governance.view_source s ON s.view = m.view
            JOIN pg_class c ON c.oid = s.source AND c.relkind = 'v'
            CROSS JOIN LATERAL (SELECT espalier_governance.has_option(c.oid, 'security_invoker') AS as_caller OFFSET 0) x
            WHERE x.as_caller OR espalier_governance.has_protected_source(p_profile, c.oid)
        )
        SELECT min(r.reason)
        FROM (
            SELECT format('%I, who owns %s, may not read %s', pg_get_userbyid(u.owner), u.view::regclass, u.source::regclass) AS reason
            FROM made_again m JOIN espalier_governance.unread_by_owner u ON u.view = m.view
            WHERE NOT m.as_caller
            UNION ALL
            SELECT format('%s is a security_invoker view of %s, which they may not read', m.view::regclass, s.source::regclass)
            FROM made_again m
            JOIN espalier_governance.view_source s ON s.view = m.view
            JOIN espalier_governance.governed_relation g ON g.oid = s.source
            LEFT JOIN espalier_governance.relation_access a ON a.profile = p_profile AND a.relid = s.source
            WHERE m.as_caller AND (a.reads IS NOT TRUE OR a.closed IS NOT NULL)) r);
END $$;

-- Views that the rules give, and that show somebody such things, or would if they were not closed to him.
CREATE FUNCTION espalier_governance.views_of_unread() RETURNS TABLE (profile text, relid oid)
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM espalier_governance.compiled) THEN
        RETURN;
    END IF;
    RETURN QUERY
    -- Few, if any: to ask what is below a view takes a while.
    WITH RECURSIVE above (profile, relid) AS (
        SELECT x.profile, x.view
        FROM (
            SELECT p.profile, u.view
            FROM espalier_governance.profile p
            CROSS JOIN (SELECT DISTINCT u.view FROM espalier_governance.unread_by_owner u) u
            UNION
            SELECT p.profile, c.oid
            FROM pg_class c
            JOIN espalier_governance.view_source s ON s.view = c.oid
            JOIN espalier_governance.governed_relation g ON g.oid = s.source
            CROSS JOIN espalier_governance.profile p
            LEFT JOIN espalier_governance.relation_access a ON a.profile = p.profile AND a.relid = s.source
            WHERE c.relkind = 'v' AND c.reloptions IS NOT NULL AND espalier_governance.has_option(c.oid, 'security_invoker')
              AND (a.reads IS NOT TRUE OR a.closed IS NOT NULL)) x
        UNION
        SELECT a.profile, w.ev_class
        FROM above a
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.relid AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_type = '1'
    )
    SELECT k.profile, k.relid
    FROM above a
    JOIN espalier_governance.compiled k ON k.profile = a.profile AND k.relid = a.relid
    JOIN espalier_governance.relation_access r ON r.profile = k.profile AND r.relid = k.relid AND r.reads AND r.closed IS NULL
    WHERE espalier_governance.unread_below(k.profile, k.relid) IS NOT NULL;
END $$;

-- Loose code that runs as whoever reads views, with what is below their masks and filters: their rules', those of the views that they are made of, and
-- of row security of tables' own that is for who reads these for them. What a materialized view holds was made as its owner.
CREATE FUNCTION espalier_governance.loose_reading(p_profiles text[], p_views oid[]) RETURNS TABLE (profile text, relid oid, function oid)
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE run (relid, view) AS (
        SELECT DISTINCT u, u FROM unnest(p_views) u
        UNION
        SELECT r.relid, s.source
        FROM run r
        JOIN espalier_governance.view_source s ON s.view = r.view
        JOIN pg_class c ON c.oid = s.source AND c.relkind = 'v'
    ),
    code AS MATERIALIZED (
        SELECT v.view, c.function
        FROM (SELECT DISTINCT r.view FROM run r) v
        JOIN pg_rewrite w ON w.ev_class = v.view AND w.ev_type = '1'
        CROSS JOIN LATERAL (
            SELECT x.function FROM espalier_governance.called_by x WHERE x.classid = 'pg_rewrite'::regclass AND x.objid = w.oid
            UNION ALL
            -- By RETURNING of functions for JSON, on which PostgreSQL notes no dependency.
            SELECT f.function
            FROM regexp_matches(w.ev_action::text, ':typid (\d+)', 'g') t
            CROSS JOIN LATERAL espalier_governance.type_code(t[1]::oid) f (function)
            WHERE t[1]::oid >= 16384
            OFFSET 0) c
    ),
    loose AS MATERIALIZED (
        SELECT f.function
        FROM (SELECT DISTINCT c.function FROM code c) f
        WHERE espalier_governance.is_loose(f.function, true) OR espalier_governance.names_temporary(f.function)
    ),
    policy AS MATERIALIZED (
        SELECT DISTINCT v.oid AS view, v.relowner AS owner, t.relowner AS table_owner, t.relforcerowsecurity, l.function
        FROM espalier_governance.loose_policies() l
        JOIN pg_class t ON t.oid = l.relid AND t.relrowsecurity
        JOIN espalier_governance.view_source s ON s.source = t.oid
        JOIN pg_class v ON v.oid = s.view
    )
    SELECT u.profile, u.relid, c.function
    FROM unnest(p_profiles, p_views) u (profile, relid)
    JOIN run r ON r.relid = u.relid
    JOIN code c ON c.view = r.view
    JOIN loose l ON l.function = c.function
    UNION
    SELECT u.profile, u.relid, y.function
    FROM unnest(p_profiles, p_views) u (profile, relid)
    JOIN run r ON r.relid = u.relid
    JOIN policy y ON y.view = r.view
    JOIN pg_roles o ON o.oid = y.owner
    -- Who owns the table is under none of them, but where it says so.
    WHERE y.relforcerowsecurity
       OR NOT (o.rolsuper OR o.rolbypassrls OR pg_has_role(y.owner, y.table_owner, 'USAGE'))
       OR espalier_governance.has_option(r.view, 'security_invoker')
       OR espalier_governance.has_protected_source(u.profile, r.view);
END $$;

-- What to say so that a function is loose no more, as the end of a sentence. Of an aggregate, it is about what that calls.
CREATE FUNCTION espalier_governance.remedy(p_function oid, p_schema name) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named regprocedure := coalesce(
        (SELECT min(d.function)
         FROM pg_proc f
         JOIN espalier_governance.called_by d ON d.classid = 'pg_proc'::regclass AND d.objid = f.oid
         WHERE f.oid = p_function AND f.prokind = 'a'
           AND (espalier_governance.is_loose(d.function, true) OR espalier_governance.names_temporary(d.function))),
        p_function);
BEGIN
    RETURN CASE
        WHEN espalier_governance.is_loose(named) THEN format('ALTER FUNCTION %s SET search_path = %I, pg_temp', named, p_schema)
        WHEN espalier_governance.names_temporary(named) THEN 'it names temporary tables, which could be theirs, or is too long (over 1 MB) to tell. Let it do without'
        ELSE format('ALTER FUNCTION %s SET standard_conforming_strings = on', named)
    END;
END $$;

-- Makes views again where that has changed, as by a grant to somebody who owns one of them.
CREATE FUNCTION espalier_governance.renew_unread(p_alone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    profiles text[];
    relations oid[];
BEGIN
    WITH unread AS MATERIALIZED (
        SELECT DISTINCT u.profile, u.relid FROM espalier_governance.views_of_unread() u
    ),
    told AS MATERIALIZED (
        SELECT n.profile, n.relid
        FROM espalier_governance.note n JOIN espalier_governance.compiled k ON k.profile = n.profile AND k.relid = n.relid
        WHERE n.unread
    )
    SELECT array_agg(x.profile), array_agg(x.relid) INTO profiles, relations
    FROM (
        (SELECT * FROM unread EXCEPT SELECT * FROM told)
        UNION ALL
        (SELECT * FROM told EXCEPT SELECT * FROM unread)) x;
    IF profiles IS NOT NULL THEN
        PERFORM espalier_governance.lock_relations(relations, p_alone);
        PERFORM espalier_governance.compile(profiles, relations, '{}');
    END IF;
EXCEPTION WHEN SQLSTATE 'EG001' THEN
    IF p_alone THEN
        RAISE;
    END IF;
    -- A statement of a user's has the error that PostgreSQL gives.
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = SQLERRM;
END $$;
