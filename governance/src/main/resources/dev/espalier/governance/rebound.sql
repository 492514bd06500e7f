-- Views of an application that are made again for a profile, of its own views.

-- The schemas of what a view names, in an order in which names without a schema find all of it that is protected for a profile: what the other schemas hold of
-- the same names comes behind it. Then those of its operators.
CREATE FUNCTION espalier_governance.schemas_named(p_profile text, p_rel oid) RETURNS name[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    schemas oid[];
    protected oid[];
    schema oid;
    result name[] := '{}';
    clash record;
BEGIN
    SELECT array_agg(DISTINCT n.relnamespace), coalesce(array_agg(n.oid) FILTER (WHERE n.protected), '{}') INTO schemas, protected
    FROM (
        SELECT c.oid, c.relnamespace,
               espalier_governance.is_protected(p_profile, c.oid) OR espalier_governance.has_protected_source(p_profile, c.oid)
                   OR espalier_governance.has_protected_ancestor(p_profile, c.oid) AS protected
        FROM (SELECT DISTINCT s.source FROM espalier_governance.view_source s WHERE s.view = p_rel) s
        JOIN pg_class c ON c.oid = s.source
        JOIN espalier_governance.governed_relation g ON g.oid = s.source) n;
    WHILE cardinality(schemas) > 0 LOOP
        schema := NULL;
        SELECT n.oid INTO schema
        FROM pg_namespace n
        WHERE n.oid = ANY (schemas) AND NOT EXISTS (
            SELECT FROM pg_class p JOIN pg_class o ON o.relname = p.relname AND o.relnamespace = n.oid
            WHERE p.oid = ANY (protected) AND p.relnamespace = ANY (schemas) AND p.relnamespace <> n.oid)
        ORDER BY n.nspname LIMIT 1;
        IF schema IS NULL THEN
            SELECT p.oid::regclass AS named, o.oid::regclass AS other INTO clash
            FROM pg_class p JOIN pg_class o ON o.relname = p.relname AND o.relnamespace <> p.relnamespace AND o.relnamespace = ANY (schemas)
            WHERE p.oid = ANY (protected) AND p.relnamespace = ANY (schemas)
            ORDER BY p.oid, o.oid LIMIT 1;
            RAISE EXCEPTION 'it names %, and % has the same name in another schema of what it names: give one of them another name', clash.named, clash.other;
        END IF;
        result := result || (SELECT n.nspname FROM pg_namespace n WHERE n.oid = schema);
        schemas := array_remove(schemas, schema);
    END LOOP;
    -- NULLIF, IS DISTINCT FROM and USING have operators that they cannot say with a schema.
    RETURN result || ARRAY(
        SELECT DISTINCT n.nspname
        FROM pg_rewrite w
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_operator'::regclass
        JOIN pg_operator o ON o.oid = d.refobjid
        JOIN pg_namespace n ON n.oid = o.oprnamespace AND n.nspname <> 'pg_catalog'
        WHERE w.ev_class = p_rel AND w.ev_type = '1' AND n.nspname <> ALL (result)
        ORDER BY 1);
END $$;

-- These, each with the profile's views of it before it: names in a view's text then find the views. What lies elsewhere the text has with its schema, so that
-- nobody's functions or tables take the place of what it calls.
CREATE FUNCTION espalier_governance.search_path_for(p_profile text, p_schemas name[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat(string_agg(concat(quote_ident(v.name) || ', ', quote_ident(s.name), ', '), '' ORDER BY s.place), 'pg_temp')
    FROM unnest(p_schemas) WITH ORDINALITY s (name, place)
    LEFT JOIN espalier_governance.view_schema v ON v.profile = p_profile AND v.schema = s.name AND NOT v.writing
$$;

-- What a text of PostgreSQL's is put together of: names in quotes, strings, and what is between them.
CREATE FUNCTION espalier_governance.tokens(p_text text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
    SELECT ARRAY(SELECT m[1] FROM regexp_matches(p_text, $r$("(?:[^"]|"")*"|E?'(?:[^']|'')*'|[^"'E]+|E)$r$, 'g') m)
$$;

-- A text that PostgreSQL has written of what users have made, as the superuser can read it again. Where PostgreSQL reads a constant it makes a value
-- of it, and a list, row or range of domains runs their checks then, which are code of users. To read it as another role would be of no use: in
-- a superuser's session such code can leave something for the end of the transaction, or for the next statement. So these constants stay
-- texts, of which values are made where rows are read or written. Told by what they look like and not by what their type is, because the name of a
-- type, or of the function that takes a constant without one, can be another's when it is read. PostgreSQL's own types are found by their
-- names before all others, and have nothing of users in them. Dates are to be written as every session reads them.
CREATE FUNCTION espalier_governance.unevaluated(p_text text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    tokens text[] := espalier_governance.tokens(p_text);
    result text := '';
    type text[];
    stays boolean;
BEGIN
    IF array_to_string(tokens, '') <> p_text THEN
        RAISE EXCEPTION 'its text cannot be taken apart';
    END IF;
    FOR i IN 1..coalesce(cardinality(tokens), 0) LOOP
        -- Lists begin with { or [, rows with (, and ranges with [ or (.
        IF tokens[i] ~ '^E?''' AND tokens[i] ~ '[\[({]' THEN
            type := regexp_match(concat(tokens[i + 1], tokens[i + 2], tokens[i + 3]),
                '^::(?:(bigint|boolean|character|double precision|integer|real|smallint)\M|([a-z_][a-z0-9_]*)\M|"((?:[^"]|"")*)")(?![."])');
            stays := CASE
                -- Paths into JSON, which the grammar takes as they are.
                WHEN type IS NULL THEN (coalesce(tokens[i - 1], '') ~ '\mPATH $' AND coalesce(tokens[i + 1], '') !~ '^::')
                    OR coalesce(tokens[i + 1], '') ~ '^ AS '
                ELSE type[1] IS NOT NULL OR EXISTS (
                    SELECT FROM pg_type t
                    WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname = coalesce(type[2], replace(type[3], '""', '"')))
            END;
            IF NOT stays THEN
                result := result || '(' || tokens[i] || '::pg_catalog.text)';
                CONTINUE;
            END IF;
        END IF;
        result := result || tokens[i];
    END LOOP;
    RETURN result;
END $$;

-- The text of an application's view, in which those schemas are not said.
CREATE FUNCTION espalier_governance.rebound_text(p_rel oid, p_schemas name[]) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = iso SET intervalstyle = postgres SET extra_float_digits = 1 AS $$
BEGIN
    PERFORM set_config('search_path', array_to_string(ARRAY(
        SELECT quote_ident(s.name) FROM unnest(p_schemas) WITH ORDINALITY s (name, place) ORDER BY s.place) || 'pg_temp'::text, ', '), true);
    RETURN espalier_governance.unevaluated(rtrim(pg_get_viewdef(p_rel), ';'));
END $$;

-- What makes a profile's view, said where names find its views.
CREATE FUNCTION espalier_governance.create_rebound(p_profile text, p_schemas name[], p_view text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET intervalstyle = postgres SET array_nulls = on AS $$
BEGIN
    PERFORM set_config('search_path', espalier_governance.search_path_for(p_profile, p_schemas), true);
    EXECUTE p_view;
END $$;

-- A function or operator that a view made again calls and the application's does not. Its text is read again, where a masked column can have another type:
-- another function of the name may fit better then, be it anybody's, and would run as whoever reads.
CREATE FUNCTION espalier_governance.foreign_call(p_rel oid, p_view oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(CASE c.class WHEN 'pg_proc'::regclass THEN c.object::regprocedure::text ELSE c.object::regoperator::text END)
    FROM (
        SELECT d.refclassid, d.refobjid
        FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE w.ev_class = p_view AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
        EXCEPT
        SELECT d.refclassid, d.refobjid
        FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE w.ev_class = p_rel AND w.ev_type = '1') c (class, object)
    -- What is grouped by goes by operators by which a type is sorted or hashed. Only a superuser makes these.
    WHERE NOT (c.class = 'pg_operator'::regclass AND EXISTS (SELECT FROM pg_amop m WHERE m.amopopr = c.object))
$$;

-- The text with another column to group by. In a single place: the column can be one of one query alone.
CREATE FUNCTION espalier_governance.also_grouped_by(p_text text, p_column text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    tokens text[] := espalier_governance.tokens(p_text);
BEGIN
    IF (SELECT sum(regexp_count(t.token, '\mGROUP BY ')) FROM unnest(tokens) t (token) WHERE t.token !~ '^["'']|^E''') <> 1 THEN
        RAISE EXCEPTION 'it groups by a key, of which what is masked has none, and more than once. Name the other columns in GROUP BY as well';
    END IF;
    RETURN (
        SELECT string_agg(CASE
                WHEN t.token ~ '^["'']|^E''' THEN t.token
                ELSE regexp_replace(t.token, '\mGROUP BY ', replace('GROUP BY ' || p_column || ', ', '\', '\\'))
            END, '' ORDER BY t.place)
        FROM unnest(tokens) WITH ORDINALITY t (token, place));
END $$;

-- The text of an application's view that can be made again. Where it groups by a key, it may take other columns of the table, too; what is masked has no key, and
-- is grouped by these as well. The groups are the same: what is shown of a row goes by that row. PostgreSQL says which columns these are.
CREATE FUNCTION espalier_governance.groupable_text(p_profile text, p_rel oid, p_schemas name[], p_view text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lc_messages = 'C' AS $$
DECLARE
    result text := espalier_governance.rebound_text(p_rel, p_schemas);
    keyed oid[] := ARRAY(
        SELECT k.conrelid
        FROM pg_rewrite w
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_constraint'::regclass
        JOIN pg_constraint k ON k.oid = d.refobjid
        WHERE w.ev_class = p_rel AND w.ev_type = '1');
    hidden oid;
    missing text;
    columns text[];
    added text[] := '{}';
BEGIN
    IF keyed = '{}' THEN
        RETURN result;
    END IF;
    SELECT min(k.conrelid) INTO hidden
    FROM pg_constraint k
    JOIN espalier_governance.masked_columns(p_profile, k.conrelid) m ON m.attnum = ANY (k.conkey)
    WHERE k.conrelid = ANY (keyed) AND k.contype = 'p';
    IF hidden IS NOT NULL THEN
        RAISE EXCEPTION 'it groups by the key of %, which is masked. Name the other columns in GROUP BY as well', hidden::regclass;
    END IF;
    LOOP
        BEGIN
            PERFORM espalier_governance.create_rebound(p_profile, p_schemas, format('CREATE VIEW %s AS %s', p_view, result));
            EXECUTE format('DROP VIEW %s', p_view);
            RETURN result;
        EXCEPTION WHEN grouping_error THEN
            missing := substring(SQLERRM FROM '^column "(.*)" must appear in the GROUP BY clause');
            columns := ARRAY(
                SELECT DISTINCT format('%I.%I', left(missing, -length('.' || a.attname)), a.attname)
                FROM pg_attribute a
                WHERE a.attrelid = ANY (keyed) AND a.attnum > 0 AND NOT a.attisdropped AND right(missing, length('.' || a.attname)) = '.' || a.attname);
            IF cardinality(columns) <> 1 OR columns <@ added THEN
                RAISE;
            END IF;
        -- It has GROUP BY DISTINCT, or takes a column of a type that nothing is grouped by.
        WHEN syntax_error OR undefined_function THEN
            IF added = '{}' THEN
                RAISE;
            END IF;
            RAISE EXCEPTION 'it groups by a key, of which what is masked has none, and not by %. Name the other columns in GROUP BY as well', added[cardinality(added)];
        END;
        added := added || columns;
        result := espalier_governance.also_grouped_by(result, columns[1]);
    END LOOP;
END $$;

-- What a view made again names though it is hidden: no view of the profile's has taken its place.
CREATE FUNCTION espalier_governance.named_in_vain(p_profile text, p_view oid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT min(g.oid::regclass::text)
        FROM (SELECT DISTINCT n.source FROM espalier_governance.view_source n WHERE n.view = p_view) n
        JOIN espalier_governance.governed_relation g ON g.oid = n.source
        WHERE EXISTS (SELECT FROM espalier_governance.masked_columns(p_profile, g.oid))
           OR espalier_governance.has_protected_ancestor(p_profile, g.oid)
           OR espalier_governance.has_protected_source(p_profile, g.oid)
           -- Tables hold their filters themselves.
           OR (g.relkind NOT IN ('r', 'p') AND EXISTS (
               SELECT FROM espalier_governance.filter f WHERE f.profile = p_profile AND f.relid = g.oid))
           OR EXISTS (SELECT FROM espalier_governance.closed_by_part a WHERE a.profile = p_profile AND a.relid = g.oid)
           OR EXISTS (
               SELECT FROM espalier_governance.relation_access a
               WHERE a.profile = p_profile AND a.relid = g.oid AND a.closed IS NOT NULL));
END $$;
