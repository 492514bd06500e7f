-- The hooks by which a migration compiles in its own transaction, and a grant beside the rules is refused. They run in the migration's session, and texts
-- of functions are read as its settings are.

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
    PERFORM espalier_governance.adopt_names(p_rel, r.nspname, r.relname);
END $$;

-- What that came to.
CREATE FUNCTION espalier_governance.adopted_rules(p_rel oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT md5(string_agg(x.line, chr(10) ORDER BY x.line))
    FROM (
        SELECT 'profile' || ROW(p.profile, p.bound)::text AS line FROM espalier_governance.profile p
        UNION ALL
        SELECT 'relation' || ROW(r.profile, r.reads, r.writes, r.closed, r.masks_unknown)::text
        FROM espalier_governance.relation_access r WHERE r.relid = p_rel
        UNION ALL SELECT 'mask' || m::text FROM espalier_governance.mask m WHERE m.relid = p_rel
        UNION ALL SELECT 'filter' || f::text FROM espalier_governance.filter f WHERE f.relid = p_rel
    ) x
$$;

-- When a transaction commits, is prepared, or wants its constraints checked at once: what the rules said of a relation that it has made they say still, and do not
-- change until it has ended.
CREATE FUNCTION espalier_governance.on_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET quote_all_identifiers = off SET client_min_messages = error AS $$
DECLARE
    made record;
    last_change bigint;
BEGIN
    DELETE FROM espalier_governance.adopted WHERE xid = NEW.xid AND relid = NEW.relid RETURNING * INTO made;
    -- Where the transaction sees nothing newer than itself, PostgreSQL has this error here.
    SELECT number INTO last_change FROM espalier_governance.change FOR SHARE;
    IF last_change IS DISTINCT FROM made.change AND EXISTS (SELECT FROM pg_class WHERE oid = NEW.relid) THEN
        PERFORM espalier_governance.adopt(NEW.relid);
        IF espalier_governance.adopted_rules(NEW.relid) IS DISTINCT FROM made.rules THEN
            RAISE EXCEPTION 'the rules have changed while this transaction was open, and nothing of it is done'
                USING ERRCODE = 'serialization_failure', HINT = 'Run it again.';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER espalier_commit AFTER INSERT ON espalier_governance.adopted
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION espalier_governance.on_commit();
ALTER TABLE espalier_governance.adopted ENABLE ALWAYS TRIGGER espalier_commit;

-- What the rules hide under a relation's names, of now and at first, is hidden in it, too, also what comes under a name again, until they are
-- compiled for it.
CREATE FUNCTION espalier_governance.adopt_names(p_rel oid, p_schema name, p_name name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    masked_for text[];
    masked smallint[];
    closed_for text[];
    kept boolean;
BEGIN
    WITH called (schema, name) AS (
        SELECT p_schema, p_name
        UNION SELECT k.schema, k.name FROM espalier_governance.known_relation k WHERE k.relid = p_rel
        UNION SELECT w.schema, w.name FROM espalier_governance.known_whole w WHERE w.relid = p_rel AND w.apart
    ),
    hidden (profile, column_name) AS (
        SELECT h.profile, h.column_name FROM called c JOIN espalier_governance.absent h ON h.schema = c.schema AND h.name = c.name
        UNION
        SELECT m.profile, x.name
        FROM called c
        JOIN espalier_governance.known_relation k ON k.schema = c.schema AND k.name = c.name
        JOIN espalier_governance.mask m ON m.relid = k.relid
        LEFT JOIN espalier_governance.known_column n ON n.relid = m.relid AND n.attnum = m.attnum
        LEFT JOIN pg_attribute o ON o.attrelid = m.relid AND o.attnum = m.attnum AND NOT o.attisdropped
        -- What was a part has the columns' names of now.
        CROSS JOIN LATERAL (VALUES (n.name), (o.attname)) x (name)
        WHERE x.name IS NOT NULL
        UNION
        SELECT a.profile, ''
        FROM called c
        JOIN espalier_governance.known_relation k ON k.schema = c.schema AND k.name = c.name AND k.relid <> p_rel
        JOIN espalier_governance.relation_access a ON a.relid = k.relid
        WHERE a.closed IS NOT NULL
           OR EXISTS (SELECT FROM espalier_governance.filter f WHERE f.profile = a.profile AND f.relid = a.relid)
    )
    SELECT array_agg(h.profile) FILTER (WHERE a.attnum IS NOT NULL), array_agg(a.attnum) FILTER (WHERE a.attnum IS NOT NULL),
           array_agg(h.profile) FILTER (WHERE h.column_name = '')
    INTO masked_for, masked, closed_for
    FROM hidden h
    JOIN espalier_governance.relation_access r ON r.profile = h.profile AND r.relid = p_rel
    LEFT JOIN pg_attribute a ON a.attrelid = p_rel AND a.attname = h.column_name AND a.attnum > 0
    WHERE CASE h.column_name
        WHEN '' THEN r.closed IS NULL
            AND NOT EXISTS (SELECT FROM espalier_governance.filter f WHERE f.profile = h.profile AND f.relid = p_rel)
        ELSE NOT EXISTS (
            SELECT FROM espalier_governance.mask m WHERE m.profile = h.profile AND m.relid = p_rel AND m.attnum = a.attnum)
    END;
    IF masked_for IS NULL AND closed_for IS NULL THEN
        RETURN;
    END IF;
    kept := espalier_governance.rows_are_kept();
    INSERT INTO espalier_governance.mask
    SELECT DISTINCT u.profile, p_rel, u.attnum, 'NULL' FROM unnest(masked_for, masked) u (profile, attnum);
    UPDATE espalier_governance.relation_access
    SET closed = 'the rules close what was called so, or hide rows of it'
    WHERE relid = p_rel AND profile = ANY (closed_for);
    -- Not as the frame says any more.
    UPDATE espalier_governance.relation_access SET hash = '' WHERE relid = p_rel AND profile = ANY (masked_for || closed_for);
    UPDATE espalier_governance.profile SET hash = '' WHERE profile = ANY (masked_for || closed_for);
    UPDATE espalier_governance.state SET frame = '';
    IF kept THEN
        PERFORM espalier_governance.keep_rows();
    END IF;
END $$;

-- Compiles relations anew, with all that depends on them, but for the parts of some.
CREATE FUNCTION espalier_governance.recompile(p_relations oid[], p_without_parts oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    profiles text[];
    relations oid[];
    each record;
BEGIN
    SELECT array_agg(p.profile), array_agg(r.relid) INTO profiles, relations
    FROM espalier_governance.profile p
    CROSS JOIN (
        SELECT unnest(p_relations) AS relid
        UNION
        -- What was lost with a view that was let go of.
        SELECT k.relid FROM espalier_governance.compiled k WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.view)) r;
    PERFORM espalier_governance.compile(profiles, relations, p_without_parts);
    PERFORM espalier_governance.renew_unread(false);
    PERFORM espalier_governance.drop_retired_views();
    FOR each IN SELECT profile FROM espalier_governance.profile LOOP
        PERFORM espalier_governance.lend_schemas(each.profile);
    END LOOP;
EXCEPTION WHEN SQLSTATE 'EG001' THEN
    -- A migration has the error that PostgreSQL gives.
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = SQLERRM;
END $$;

-- The statement that a hook runs for, out of the context of that: what a function or block of code in PL/pgSQL runs stands there, and else what the client
-- has sent.
CREATE FUNCTION espalier_governance.statement(p_context text, p_query text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Without the hook itself.
    outer_context text := substr(p_context, strpos(p_context, E'\n') + 1);
BEGIN
    IF starts_with(outer_context, 'SQL statement "') THEN
        RETURN split_part(substr(outer_context, length('SQL statement "') + 1), E'"\nPL/pgSQL function ', 1);
    END IF;
    RETURN p_query;
END $$;

-- Who else's rights a statement is run with: the owners of SECURITY DEFINER functions that have led to it, out of its context. What code of the caller's own is in
-- there could write into it what it likes, and would have others wait for what PostgreSQL refuses it: then there are none.
CREATE FUNCTION espalier_governance.acting_owners(p_context text) RETURNS oid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    result oid[];
    is_own boolean;
BEGIN
    WITH frame AS MATERIALIZED (
        SELECT row_number() OVER () AS number, coalesce(m[1], m[2]) AS signature
        FROM regexp_matches(p_context, '^(?:PL/pgSQL function (.*) line [0-9]+ at .*|SQL function (".*") statement [0-9]+)$', 'gn') m
    ),
    named AS MATERIALIZED (
        SELECT f.number, replace(btrim(p[1], '"'), '""', '"') AS schema, replace(btrim(p[2], '"'), '""', '"') AS name
        FROM frame f
        CROSS JOIN LATERAL regexp_matches(f.signature, '^(?:("(?:[^"]|"")*"|[^".(]+)\.)?("(?:[^"]|"")*"|[^".(]+)') p
        WHERE f.signature <> 'espalier_governance.on_start()'
    ),
    candidate AS MATERIALIZED (
        SELECT m.number, f.oid, f.proowner, f.prosecdef, n.nspname
        FROM named m
        LEFT JOIN (pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace) ON f.proname = m.name AND (m.schema IS NULL OR n.nspname = m.schema)
    )
    SELECT coalesce(array_agg(DISTINCT c.proowner) FILTER (
               WHERE c.prosecdef AND (
                   has_function_privilege(session_user, c.oid, 'EXECUTE')
                   OR EXISTS (
                       SELECT FROM candidate o
                       WHERE o.prosecdef AND has_function_privilege(session_user, o.oid, 'EXECUTE')
                         AND has_function_privilege(o.proowner, c.oid, 'EXECUTE')))), '{}'),
           -- A block of code has no name that is any function's.
           coalesce(bool_or(c.oid IS NULL OR c.nspname ~ '^pg_temp' OR pg_has_role(session_user, c.proowner, 'MEMBER')), true)
    INTO result, is_own
    FROM candidate c;
    RETURN CASE WHEN is_own THEN '{}' ELSE result END;
END $$;

-- The relations that a statement may be about: those that its text names, with their parts, or all where what it runs is not in the text, as in a call of a
-- function that is not in PL/pgSQL. Only what whoever says it, or whose rights it is said with, could own: PostgreSQL has not checked yet whether he may do it, and
-- what is let go of is locked.
CREATE FUNCTION espalier_governance.concerned(p_tag text, p_query text, p_owners oid[], p_relations oid[]) RETURNS oid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- As PostgreSQL folds names: no letters but ASCII.
    query text := regexp_replace(lower(p_query COLLATE "C"), '^(\s|--[^\n]*(\n|$)|/\*([^*]|\*+[^*/])*\*+/)+', '');
    spaced text := regexp_replace(query, '\s+', ' ', 'g');
    words text[];
    mine oid[];
    named oid[];
BEGIN
    SELECT array_agg(c.oid) INTO mine
    FROM pg_class c
    WHERE c.oid = ANY (p_relations)
      AND (pg_has_role(session_user, c.relowner, 'MEMBER')
           OR EXISTS (SELECT FROM unnest(p_owners) o (role) WHERE pg_has_role(o.role, c.relowner, 'MEMBER')));
    -- What a foreign key refers to stays as it is. Comments could stand between the words.
    IF query !~ '--|/\*' THEN
        query := regexp_replace(query, '\mreferences\s+(only\s+)?("([^"]|"")*"|[^\s"(.,;]+)(\s*\.\s*("([^"]|"")*"|[^\s"(.,;]+))?', ' ', 'g');
    END IF;
    words := espalier_governance.words(query);
    SELECT array_agg(c.oid) INTO named
    FROM pg_class c
    WHERE c.oid = ANY (mine)
      -- One that is replaced is a view itself; it stands in the way of nothing that it is made of.
      AND (p_tag <> 'CREATE VIEW' OR c.relkind = 'v')
      AND (espalier_governance.names(query, words, c.relname, false)
           OR c.oid IN (
               SELECT w.relid
               FROM espalier_governance.wholes(mine) w JOIN pg_class o ON o.oid = w.whole
               WHERE espalier_governance.names(query, words, o.relname, false)));
    IF p_tag IN ('DROP TYPE', 'DROP DOMAIN', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION', 'ALTER TYPE')
        OR (p_tag <> 'CREATE VIEW'
            AND (position(lower(p_tag COLLATE "C") IN spaced) = 0 OR spaced ~ '^(do|execute|call|select|with|values)\M'
                 OR (named IS NULL AND spaced ~ '\m(do|execute|call|select)\M'))) THEN
        -- These name no tables, and can take columns with them.
        RETURN coalesce(mine, '{}');
    END IF;
    RETURN coalesce(named, '{}');
END $$;

-- A statement without its comments, strings and names in quotes, whose words say nothing of what it does. One with comments in comments stays
-- as it is: no expression tells where these end.
CREATE FUNCTION espalier_governance.bare(p_query text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p_query ~ '/\*([^*]|\*+[^*/])*/\*' THEN p_query
        ELSE regexp_replace(p_query, '--[^\n\r]*|/\*([^*]|\*+[^*/])*\*+/|"[^"]*"|''[^'']*''', ' ', 'g')
    END
$$;

-- Before a statement that could not go on: lets go of what is compiled of the tables that it is about.
CREATE FUNCTION espalier_governance.on_start() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET quote_all_identifiers = off SET client_min_messages = error AS $$
DECLARE
    each record;
    query text := current_query();
    context text;
    owners oid[];
    relations oid[];
    unseen oid[];
BEGIN
    IF espalier_governance.is_busy() THEN
        RETURN;
    END IF;
    IF tg_tag = 'DROP OWNED' AND EXISTS (
            SELECT FROM espalier_governance.subject s WHERE s.principal = session_user AND s.profile IS NOT NULL) THEN
        RAISE EXCEPTION 'DROP OWNED is not for %, for whom the catalog has rules: it would take policies that name their roles off tables of others', session_user
            USING ERRCODE = '42501', HINT = 'Drop what is yours by its name.';
    END IF;
    IF tg_tag IN ('GRANT', 'ALTER DEFAULT PRIVILEGES') THEN
        INSERT INTO espalier_governance.beside_before
        SELECT pg_current_xact_id(), b::text FROM espalier_governance.beside_the_rules() b;
        RETURN;
    END IF;
    IF tg_tag = 'CREATE INDEX' THEN
        PERFORM espalier_governance.refuse_loose_index(query);
    END IF;
    IF NOT (tg_tag IN ('DROP TYPE', 'DROP DOMAIN', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION', 'CREATE VIEW')
            OR (tg_tag = 'ALTER TYPE' AND query ~* 'attribute')
            OR tg_tag ~ '^(ALTER|DROP) (TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE)$') THEN
        RETURN;
    END IF;
    -- DETACH PARTITION CONCURRENTLY commits before the other hook could make anything again, and nothing is in its way. It runs in no function or
    -- block and beside no other statement, so that it is in the text.
    IF tg_tag = 'ALTER TABLE' AND espalier_governance.bare(query) ~* '\mdetach\M.*\mconcurrently\M' THEN
        RETURN;
    END IF;
    GET DIAGNOSTICS context = PG_CONTEXT;
    owners := espalier_governance.acting_owners(context);
    -- Those whom a policy binds own nothing here.
    IF owners = '{}' AND EXISTS (
            SELECT FROM espalier_governance.subject s JOIN espalier_governance.profile p ON p.profile = s.profile
            WHERE s.principal = session_user AND p.bound) THEN
        RETURN;
    END IF;
    relations := espalier_governance.concerned(tg_tag, espalier_governance.statement(context, query), owners, ARRAY(
        SELECT k.relid FROM espalier_governance.compiled k
        UNION SELECT p.polrelid FROM pg_policy p WHERE p.polname LIKE 'espalier\_filter\_%'
        UNION SELECT r.prrelid FROM pg_publication_rel r
        UNION SELECT v.relid FROM espalier_governance.retired_view v));
    -- What a function or a block of code runs is not in the text, and mirrors must not be sent what it changes.
    unseen := ARRAY(
        SELECT r.prrelid FROM pg_publication_rel r WHERE tg_tag = 'ALTER TABLE' AND query !~* '^\s*alter\s');
    IF relations = '{}' AND unseen = '{}' AND NOT EXISTS (SELECT FROM espalier_governance.retired_view) THEN
        RETURN;
    END IF;
    PERFORM espalier_governance.begin_work();
    PERFORM espalier_governance.lock_relations(relations, false);
    FOR each IN
        SELECT k.profile, k.relid FROM espalier_governance.compiled k WHERE k.relid = ANY (relations) ORDER BY k.profile, k.relid
    LOOP
        PERFORM espalier_governance.release(each.profile, each.relid);
    END LOOP;
    FOR each IN
        SELECT v.oid AS view
        FROM espalier_governance.retired_view r
        JOIN pg_class v ON v.oid = r.view
        LEFT JOIN pg_class c ON c.oid = r.relid
        WHERE c.oid IS NULL OR c.oid = ANY (relations)
    LOOP
        -- One that was made of another can have gone with it.
        IF EXISTS (SELECT FROM pg_class WHERE oid = each.view) THEN
            EXECUTE format('DROP VIEW %s CASCADE', each.view::regclass);
        END IF;
    END LOOP;
    FOR each IN
        SELECT p.polname, p.polrelid
        FROM pg_policy p
        WHERE p.polname LIKE 'espalier\_filter\_%' AND p.polrelid = ANY (relations)
    LOOP
        EXECUTE format('DROP POLICY %I ON %s', each.polname, each.polrelid::regclass);
    END LOOP;
    PERFORM espalier_governance.unpublish(relations || unseen);
    PERFORM espalier_governance.end_work();
END $$;

-- A masked mirror is fed by a publication of the tables as they were when it was made. It must neither stand in the way of a
-- migration, nor be sent what its masks were not made for: it is not fed with a table that changes, and out of date. A first copy
-- of the table that has not begun yet, or that waits for the migration, would read all columns by their names of now: it reads as the
-- role that is called like the publication, and that may read nothing of the table any more.
CREATE FUNCTION espalier_governance.unpublish(p_relations oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT p.pubname, r.prrelid
        FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
        WHERE p.pubname LIKE 'espalier\_mirror\_%' AND r.prrelid = ANY (p_relations)
    LOOP
        EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', each.pubname, each.prrelid::regclass);
        IF to_regrole(quote_ident(each.pubname)) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %s FROM %I', each.prrelid::regclass, each.pubname);
        END IF;
    END LOOP;
END $$;

-- Whether a policy is the one that a filtered table has for those whom no filter is for, and the table has no row security of its own beside it.
CREATE FUNCTION espalier_governance.opens_to_all(p_policy oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM pg_policy p
        WHERE p.oid = p_policy AND espalier_governance.is_open(p.oid)
          AND NOT EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = p.polrelid AND o.polname !~ '^espalier_'))
$$;

-- A dump of a governed database turns row security on, and then makes the catalog's policies. The one that opens a table to all is taken, because
-- without it nobody but the owner would read a row: it says that row security there is not the application's, and gives nobody more than the
-- owner could give under any other name. Where no filter is for the table, compiling it takes both away. Filters are made by the rules of
-- this database: those of the dump are passed over.
CREATE FUNCTION espalier_governance.pass_over_restored_policies(p_policies oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT p.polname, p.polrelid
        FROM pg_policy p
        WHERE p.oid = ANY (p_policies) AND p.polname ~ '^espalier_filter_p[0-9a-f]{10}$' AND NOT p.polpermissive
    LOOP
        PERFORM espalier_governance.begin_work();
        EXECUTE format('DROP POLICY %I ON %s', each.polname, each.polrelid::regclass);
        PERFORM espalier_governance.end_work();
    END LOOP;
END $$;

-- After a statement: compiles what it touched, closes functions, and refuses grants that are for the catalog to make.
CREATE FUNCTION espalier_governance.on_end() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET quote_all_identifiers = off SET client_min_messages = error AS $$
DECLARE
    each record;
    functions oid[];
    touched oid[];
    wholes oid[];
    protected text[];
    last_change bigint;
BEGIN
    IF espalier_governance.is_busy() THEN
        RETURN;
    END IF;
    IF tg_tag IN ('GRANT', 'REVOKE', 'ALTER DEFAULT PRIVILEGES') THEN
        PERFORM espalier_governance.refuse_beside_the_rules(tg_tag);
        PERFORM espalier_governance.begin_work();
        PERFORM espalier_governance.renew_unread(false);
        PERFORM espalier_governance.end_work();
        RETURN;
    END IF;
    IF EXISTS (
            SELECT FROM pg_event_trigger_ddl_commands() d
            JOIN espalier_governance.function_in_use u ON d.classid = 'pg_proc'::regclass AND u.function = d.objid
            WHERE u.hash <> espalier_governance.function_hash(u.function))
        AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
        RAISE EXCEPTION 'a policy of the catalog calls this function, and what it does stays as it is'
            USING ERRCODE = '42501',
                  HINT = 'Make another function, and have the policy changed to it by who manages the catalog: CREATE OR REPLACE POLICY on the database system.';
    END IF;
    PERFORM espalier_governance.pass_over_restored_policies(ARRAY(
        SELECT d.objid FROM pg_event_trigger_ddl_commands() d
        WHERE d.classid = 'pg_policy'::regclass AND d.command_tag = 'CREATE POLICY'));
    -- Those names are told from all others by how they begin.
    IF EXISTS (
            SELECT FROM pg_event_trigger_ddl_commands() d
            JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid AND p.polname ~ '^espalier_'
            WHERE (d.command_tag = 'CREATE POLICY' AND NOT espalier_governance.opens_to_all(p.oid))
               OR (d.command_tag = 'ALTER POLICY' AND p.polname = 'espalier_open'
                   AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user))
               OR NOT (p.polname = 'espalier_open' OR EXISTS (
                   SELECT FROM espalier_governance.compiled_filter f
                   WHERE f.relid = p.polrelid AND p.polname IN ('espalier_filter_' || f.profile, 'espalier_open_' || f.profile)))) THEN
        RAISE EXCEPTION 'policies whose names begin with espalier_ are the catalog''s'
            USING ERRCODE = '42501', HINT = 'Give the policy another name.';
    END IF;
    IF tg_tag = 'ALTER EXTENSION' AND EXISTS (
            SELECT FROM pg_depend d JOIN espalier_governance.relation_access a ON a.relid = d.objid
            WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e') THEN
        RAISE EXCEPTION 'a table that the catalog governs cannot become a part of an extension'
            USING ERRCODE = '42501', HINT = 'Leave the table out of the extension.';
    END IF;
    IF tg_tag IN ('CREATE SCHEMA', 'ALTER SCHEMA', 'CREATE PUBLICATION', 'ALTER PUBLICATION') THEN
        PERFORM espalier_governance.refuse_to_principals();
    END IF;
    PERFORM espalier_governance.begin_work();
    -- Also what no statement names, as where a block of code has put its words together.
    IF tg_tag NOT IN ('COMMENT', 'SECURITY LABEL') THEN
        PERFORM espalier_governance.unpublish(ARRAY(
            SELECT d.objid FROM pg_event_trigger_ddl_commands() d WHERE d.classid = 'pg_class'::regclass
            UNION ALL
            SELECT c.oid
            FROM pg_event_trigger_ddl_commands() d JOIN pg_class c ON c.relnamespace = d.objid
            WHERE d.classid = 'pg_namespace'::regclass AND tg_tag = 'ALTER SCHEMA'));
    END IF;
    functions := espalier_governance.with_callers(ARRAY(
        SELECT d.objid FROM pg_event_trigger_ddl_commands() d WHERE d.classid = 'pg_proc'::regclass
        UNION ALL
        SELECT c.function
        FROM pg_event_trigger_ddl_commands() d CROSS JOIN LATERAL espalier_governance.type_code(d.objid) c (function)
        WHERE d.classid = 'pg_type'::regclass AND tg_tag LIKE 'ALTER %'));
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
        -- Before PostgreSQL 16 a rule can make a view of a table, too.
        SELECT w.ev_class
        FROM pg_event_trigger_ddl_commands() d JOIN pg_rewrite w ON w.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass
        UNION ALL
        SELECT t.tgrelid
        FROM pg_event_trigger_ddl_commands() d JOIN pg_trigger t ON t.oid = d.objid
        WHERE d.classid = 'pg_trigger'::regclass
        UNION ALL
        -- It can call functions with whole rows.
        SELECT i.indrelid
        FROM pg_event_trigger_ddl_commands() d JOIN pg_index i ON i.indexrelid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
        UNION ALL
        SELECT c.oid
        FROM pg_event_trigger_ddl_commands() d JOIN pg_class c ON c.relnamespace = d.objid
        WHERE d.classid = 'pg_namespace'::regclass AND tg_tag = 'ALTER SCHEMA'
        UNION ALL
        -- What uses a function that was replaced.
        SELECT k.relid
        FROM espalier_governance.compiled k
        JOIN pg_rewrite w ON w.ev_class = k.view
        JOIN espalier_governance.called_by p ON p.classid = 'pg_rewrite'::regclass AND p.objid = w.oid
        WHERE cardinality(functions) > 0 AND p.function = ANY (functions)
        UNION ALL
        -- Also by views, with all that is made of them.
        SELECT w.ev_class
        FROM pg_class v
        JOIN pg_rewrite w ON w.ev_class = v.oid AND w.ev_type = '1'
        JOIN espalier_governance.called_by p ON p.classid = 'pg_rewrite'::regclass AND p.objid = w.oid
        WHERE cardinality(functions) > 0 AND v.relkind = 'v' AND v.oid >= 16384 AND p.function = ANY (functions)
        UNION ALL
        SELECT y.polrelid
        FROM espalier_governance.called_by p
        JOIN pg_policy y ON y.oid = p.objid
        WHERE p.classid = 'pg_policy'::regclass AND p.function = ANY (functions)
        UNION ALL
        SELECT c.relid FROM espalier_governance.row_code c WHERE c.function = ANY (functions)
        UNION ALL
        SELECT k.relid FROM espalier_governance.compiled k WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = k.view)
        UNION ALL
        SELECT f.relid FROM espalier_governance.compiled_filter f
        WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = f.relid AND p.polname = 'espalier_filter_' || f.profile)
        UNION ALL
        -- It takes roles out of policies, whoever owns the tables.
        SELECT f.relid FROM espalier_governance.compiled_filter f
        WHERE tg_tag = 'DROP OWNED' AND f.definition IS DISTINCT FROM espalier_governance.policy_definition(f.profile, f.relid)
        UNION ALL
        -- What was kept from being written for a foreign key that is gone with its table.
        SELECT n.relid FROM espalier_governance.note n WHERE n.told IS NOT NULL AND NOT n.told <@ ARRAY(SELECT c.oid FROM pg_class c WHERE c.oid = ANY (n.told))
        UNION ALL
        -- Tables of a type, which have its columns.
        SELECT t.oid
        FROM pg_event_trigger_ddl_commands() d
        JOIN pg_class y ON d.classid = 'pg_class'::regclass AND y.oid = d.objid AND y.relkind = 'c'
        JOIN pg_class t ON t.reloftype = y.reltype
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
        SELECT f.oid
        FROM pg_event_trigger_ddl_commands() d
        JOIN pg_proc f ON f.oid = d.objid
        JOIN espalier_governance.governed_schema s ON s.oid = f.pronamespace
        WHERE d.classid = 'pg_proc'::regclass AND f.oid IN (SELECT oid FROM espalier_governance.definer) AND EXISTS (SELECT FROM espalier_governance.profile)
    LOOP
        PERFORM espalier_governance.close_definer(each.oid);
    END LOOP;
    IF touched IS NOT NULL THEN
        -- What one of them has let go of is under its rules from now on by itself.
        touched := touched || ARRAY(
            SELECT g.oid
            FROM unnest(touched) u (relid)
            JOIN pg_class c ON c.oid = u.relid
            CROSS JOIN LATERAL (
                SELECT w.relid FROM espalier_governance.known_whole w
                WHERE w.schema = (SELECT n.nspname FROM pg_namespace n WHERE n.oid = c.relnamespace) AND w.name = c.relname AND NOT w.apart
                EXCEPT
                SELECT espalier_governance.parts(c.oid)) w
            JOIN espalier_governance.governed_relation g ON g.oid = w.relid);
        -- Columns of a whole come into its parts, and have other names there, with it.
        touched := ARRAY(
            SELECT u.relid FROM unnest(touched) u (relid)
            UNION
            SELECT espalier_governance.parts(u.relid) FROM unnest(touched) u (relid));
        PERFORM espalier_governance.learn_wholes(touched);
        -- With what they are made of, or parts of: the rules of these hold for them, too.
        PERFORM espalier_governance.lock_relations(touched || ARRAY(
            SELECT x.relid
            FROM unnest(touched) u (relid)
            CROSS JOIN LATERAL (
                SELECT espalier_governance.lineage(u.relid) UNION ALL SELECT espalier_governance.ancestors(u.relid)) x (relid)), false);
        -- The other partitions of a new one's wholes, which can be many, stay as they are where these are protected for the same as before.
        wholes := ARRAY(
            SELECT DISTINCT w.relid
            FROM pg_class c CROSS JOIN LATERAL espalier_governance.ancestors(c.oid) w (relid)
            WHERE tg_tag = 'CREATE TABLE' AND c.oid = ANY (touched) AND c.relispartition AND w.relid <> ALL (touched));
        protected := espalier_governance.protected_for(wholes);
        -- Before it is looked what the rules are.
        SELECT number INTO last_change FROM espalier_governance.change;
        FOR each IN SELECT u.relid FROM unnest(touched) u (relid) LOOP
            PERFORM espalier_governance.adopt(each.relid);
        END LOOP;
        INSERT INTO espalier_governance.adopted AS a
        SELECT pg_current_xact_id(), r.relid, last_change, espalier_governance.adopted_rules(r.relid)
        FROM (SELECT DISTINCT x.relid FROM espalier_governance.relation_access x WHERE x.relid = ANY (touched) AND x.provisional) r
        ON CONFLICT (xid, relid) DO UPDATE SET change = excluded.change, rules = excluded.rules;
        touched := touched || espalier_governance.leading_to(touched);
        PERFORM espalier_governance.recompile(touched, CASE WHEN espalier_governance.protected_for(wholes) = protected THEN wholes ELSE '{}' END);
    ELSIF tg_tag IN ('CREATE SCHEMA', 'CREATE SEQUENCE') THEN
        FOR each IN SELECT profile FROM espalier_governance.profile LOOP
            PERFORM espalier_governance.lend_schemas(each.profile);
        END LOOP;
    END IF;
    -- Grants that come with something else: elements of CREATE SCHEMA, default privileges, a function that runs with its owner's rights from now on.
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() d WHERE d.schema_name IS DISTINCT FROM 'pg_temp')
        AND EXISTS (SELECT FROM espalier_governance.beside_the_rules()) THEN
        PERFORM espalier_governance.revoke_beside_the_rules();
    END IF;
    IF tg_tag IN ('CREATE EXTENSION', 'ALTER EXTENSION') THEN
        PERFORM espalier_governance.revoke_dangerous();
    END IF;
    -- It takes grants, and names none of them.
    IF tg_tag = 'DROP OWNED' THEN
        PERFORM espalier_governance.renew_unread(false);
    END IF;
    PERFORM espalier_governance.end_work();
END $$;

CREATE FUNCTION espalier_governance.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET quote_all_identifiers = off AS $$
DECLARE
    dropped record;
BEGIN
    IF espalier_governance.is_busy() THEN
        RETURN;
    END IF;
    -- Its identity is in quotes where whoever drops it has set that.
    SELECT d.object_identity INTO dropped
    FROM pg_event_trigger_dropped_objects() d
    WHERE d.original AND d.object_type = 'policy' AND d.address_names[cardinality(d.address_names)] ~ '^espalier_';
    IF FOUND THEN
        RAISE EXCEPTION 'the policy % is the catalog''s', dropped.object_identity
            USING ERRCODE = '42501', HINT = 'Drop the policy of the catalog that it was compiled from: DROP POLICY on the database system. A dump to restore here is made without --clean.';
    END IF;
    SELECT d.object_identity INTO dropped
    FROM pg_event_trigger_dropped_objects() d
    JOIN espalier_governance.function_in_use u ON d.classid = 'pg_proc'::regclass AND u.function = d.objid
    WHERE NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user);
    IF FOUND THEN
        RAISE EXCEPTION 'a policy of the catalog calls the function %', dropped.object_identity
            USING ERRCODE = '42501',
                  HINT = 'Have the policy changed first by who manages the catalog: CREATE OR REPLACE POLICY, or DROP POLICY, on the database system.';
    END IF;
    -- PostgreSQL refuses to change rows of a published table that it cannot tell apart.
    IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() d WHERE d.object_type IN ('index', 'table constraint')) THEN
        PERFORM espalier_governance.begin_work();
        PERFORM espalier_governance.unpublish(ARRAY(
            SELECT r.prrelid
            FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
            WHERE NOT EXISTS (
                SELECT FROM pg_index i
                WHERE i.indrelid = c.oid
                  AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE true END)));
        PERFORM espalier_governance.end_work();
    END IF;
    DELETE FROM espalier_governance.compiled
    WHERE relid IN (SELECT d.objid FROM pg_event_trigger_dropped_objects() d WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0);
    DELETE FROM espalier_governance.compiled_filter
    WHERE relid IN (SELECT d.objid FROM pg_event_trigger_dropped_objects() d WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0);
    DELETE FROM espalier_governance.held
    WHERE relid IN (SELECT d.objid FROM pg_event_trigger_dropped_objects() d WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0);
END $$;
