-- A profile's view of a relation.

-- The schema to make a profile's views in.
CREATE FUNCTION espalier_governance.place(p_profile text, p_schema name, p_writing boolean) RETURNS name
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result name;
BEGIN
    SELECT name INTO result
    FROM espalier_governance.view_schema
    WHERE profile = p_profile AND schema = p_schema AND writing = p_writing;
    IF FOUND THEN
        RETURN result;
    END IF;
    result := espalier_governance.view_schema_name(p_schema, p_profile, p_writing);
    INSERT INTO espalier_governance.view_schema (name, profile, schema, writing) VALUES (result, p_profile, p_schema, p_writing) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        -- Another migration, for which this one has waited, has made it.
        RETURN result;
    END IF;
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

-- Which versions PostgreSQL keeps of the rows that make a view: as long as they are the same, so is its definition, and that takes long to
-- put together. Restoring a copy of the files keeps them.
CREATE VIEW espalier_governance.compiled_version AS
SELECT k.profile, k.relid, k.definition, md5(string_agg(x.version, ',' ORDER BY x.version)) AS versions
FROM espalier_governance.compiled k
CROSS JOIN LATERAL (VALUES (k.view), (k.write_view)) v (oid)
CROSS JOIN LATERAL (
    SELECT concat_ws(' ', 'class', c.oid, c.xmin, n.nspname, pg_catalog.pg_get_userbyid(c.relowner)) AS version
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = v.oid
    UNION ALL
    SELECT concat_ws(' ', 'rule', w.oid, w.xmin) FROM pg_catalog.pg_rewrite w WHERE w.ev_class = v.oid
    UNION ALL
    SELECT concat_ws(' ', 'column', v.oid, a.attnum, a.xmin)
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = v.oid AND a.attacl IS NOT NULL
    UNION ALL
    SELECT concat_ws(' ', 'trigger', t.oid, t.xmin, f.xmin)
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
    WHERE t.tgrelid = v.oid) x
GROUP BY k.profile, k.relid, k.definition;

-- Drops what was compiled of a relation, and what was built on that. Its row stays, to tell what to make again.
CREATE FUNCTION espalier_governance.release(p_profile text, p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    kept record;
BEGIN
    LOOP
        SELECT k.view, k.write_view INTO kept
        FROM espalier_governance.compiled k WHERE k.profile = p_profile AND k.relid = p_rel
        FOR UPDATE;
        EXIT WHEN FOUND;
        -- Another migration, for which this one has waited, has made it anew, or away with it.
        IF NOT EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.profile = p_profile AND k.relid = p_rel) THEN
            RETURN;
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM pg_class WHERE oid = kept.view) THEN
        EXECUTE format('DROP VIEW %s CASCADE', kept.view::regclass);
    END IF;
    IF EXISTS (SELECT FROM pg_class WHERE oid = kept.write_view) THEN
        EXECUTE format('DROP VIEW %s CASCADE', kept.write_view::regclass);
    END IF;
    UPDATE espalier_governance.compiled SET definition = NULL, versions = NULL WHERE profile = p_profile AND relid = p_rel;
END $$;

-- Makes room for another view of a relation. Who reads the old one goes on, and his next statement finds the new one. To rename,
-- move, replace or drop a view in SQL would wait for its readers: so the names and grants are changed where PostgreSQL keeps them, which
-- takes no lock on the view, tells every session to plan anew, as a GRANT does, and is undone with the transaction. It is dropped later. What a
-- migration or change beside this one has made, for which this has waited, is made of other views than there will be, and gives way, too.
CREATE FUNCTION espalier_governance.set_aside(p_profiles text[], p_relations oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    views oid[];
BEGIN
    LOOP
        WITH gone AS (
            DELETE FROM espalier_governance.compiled k
            USING unnest(p_profiles, p_relations) u (profile, relid)
            WHERE k.profile = u.profile AND k.relid = u.relid
            RETURNING k.relid, k.view, k.write_view
        ), retired AS (
            INSERT INTO espalier_governance.retired_view (view, relid)
            SELECT c.oid, g.relid FROM gone g JOIN pg_class c ON c.oid IN (g.view, g.write_view)
            RETURNING view
        )
        SELECT array_agg(view) INTO views FROM retired;
        UPDATE pg_class SET relname = 'espalier_old_' || oid, relacl = NULL WHERE oid = ANY (views);
        UPDATE pg_attribute SET attacl = NULL WHERE attrelid = ANY (views) AND attacl IS NOT NULL;
        -- The types of its rows, and of lists of them, have its name.
        UPDATE pg_type t SET typname = 'espalier_old_' || t.oid
        FROM pg_class c
        JOIN pg_type r ON r.oid = c.reltype
        WHERE c.oid = ANY (views) AND t.oid IN (r.oid, r.typarray);
        EXIT WHEN NOT EXISTS (
            SELECT FROM espalier_governance.compiled k
            JOIN unnest(p_profiles, p_relations) u (profile, relid) ON u.profile = k.profile AND u.relid = k.relid);
    END LOOP;
END $$;

-- A view that reads as its caller is read by the role of a profile's views. Nothing of it is protected.
CREATE FUNCTION espalier_governance.lend_below(p_view oid, p_view_role name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT s.relid FROM espalier_governance.read_as_caller(p_view) s (relid) LOOP
        EXECUTE format('GRANT SELECT ON %s TO %I', each.relid::regclass, p_view_role);
    END LOOP;
END $$;

-- Policies of the tables' own that take rows from roles by their names: they are not for the role that owns a profile's views, and reads the tables
-- for its members. Of those that give rows, the views give fewer.
CREATE VIEW espalier_governance.policy_by_name AS
SELECT y.polname, y.polrelid, c.relowner, r.role
FROM pg_catalog.pg_policy y
JOIN pg_catalog.pg_class c ON c.oid = y.polrelid AND c.relrowsecurity
CROSS JOIN LATERAL unnest(y.polroles) r (role)
WHERE NOT y.polpermissive AND y.polroles <> '{0}' AND y.polname !~ '^espalier_';

CREATE VIEW espalier_governance.profile_member AS
SELECT s.profile, a.oid AS role
FROM espalier_governance.subject s JOIN pg_catalog.pg_authid a ON a.rolname = s.principal
WHERE s.profile IS NOT NULL
UNION ALL
SELECT p.profile, a.oid
FROM espalier_governance.profile p JOIN pg_catalog.pg_authid a ON a.rolname = espalier_governance.profile_role(p.profile);

-- One of them that a profile's view of a relation would lead around: it is for a member, or for who owns a view that is made again.
CREATE FUNCTION espalier_governance.policy_led_around(p_profile text, p_rel oid, p_rebound boolean) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    relations oid[] := ARRAY(SELECT p_rel UNION SELECT espalier_governance.lineage(p_rel));
BEGIN
    RETURN (
        SELECT min(format('%I of %s', y.polname, y.polrelid::regclass))
        FROM espalier_governance.policy_by_name y
        WHERE y.polrelid = ANY (relations)
          AND (EXISTS (SELECT FROM espalier_governance.profile_member m WHERE m.profile = p_profile AND m.role = y.role)
               OR (p_rebound AND EXISTS (
                   SELECT FROM pg_class v JOIN pg_roles o ON o.oid = v.relowner AND NOT o.rolsuper AND NOT o.rolbypassrls
                   WHERE v.oid = ANY (relations) AND v.relkind = 'v'
                     AND pg_has_role(v.relowner, y.role, 'USAGE') AND NOT pg_has_role(v.relowner, y.relowner, 'USAGE')))));
END $$;

-- Compiles a relation for a profile: nothing, grants on the relation itself, or a view of it and what is needed to write. A part of what is
-- protected is read through the whole alone.
CREATE FUNCTION espalier_governance.compile_relation(p_profile text, p_rel oid, p_of_protected boolean) RETURNS void
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
    told oid[];
    kept text[] := '{}';
    referred name[] := '{}';
    part text;
    barrier boolean;
    unread text;
    led_around text;
    schemas name[];
    condition text;
    above text;
    calls oid[] := '{}';
    called text;
    named text;
    view oid;
BEGIN
    SELECT * INTO r FROM espalier_governance.governed_relation WHERE oid = p_rel;
    IF NOT FOUND OR EXISTS (
            SELECT FROM espalier_governance.compiled k JOIN pg_class v ON v.oid = k.view
            WHERE k.profile = p_profile AND k.relid = p_rel) THEN
        RETURN;
    END IF;
    SELECT * INTO access FROM espalier_governance.relation_access WHERE profile = p_profile AND relid = p_rel;
    DELETE FROM espalier_governance.failure WHERE profile = p_profile AND relid = p_rel;
    DELETE FROM espalier_governance.note WHERE profile = p_profile AND relid = p_rel;
    IF access.relid IS NULL OR access.closed IS NOT NULL OR p_of_protected THEN
        PERFORM espalier_governance.hold(p_profile, p_rel, '{}');
        RETURN;
    END IF;
    SELECT p.part INTO part FROM espalier_governance.closed_by_part p WHERE p.profile = p_profile AND p.relid = p_rel;
    IF FOUND THEN
        PERFORM espalier_governance.hold(p_profile, p_rel, '{}');
        INSERT INTO espalier_governance.note (profile, relid, message) VALUES (p_profile, p_rel,
            'closed to some, because ' || part || ', a part of it, is closed to them, or hides rows from them. Set the policy on the whole table');
        RETURN;
    END IF;
    plain := r.relkind IN ('r', 'p');
    IF plain AND EXISTS (SELECT FROM espalier_governance.filter f WHERE f.profile = p_profile AND f.relid = p_rel)
        AND NOT EXISTS (
            SELECT FROM espalier_governance.compiled_filter f
            WHERE f.profile = p_profile AND f.relid = p_rel AND f.definition = espalier_governance.policy_definition(p_profile, p_rel)) THEN
        RAISE EXCEPTION 'its row filter is not compiled';
    END IF;
    IF r.relkind IN ('v', 'm') THEN
        closed_source := espalier_governance.has_protected_source(p_profile, p_rel);
        rebound := closed_source AND r.relkind = 'v';
    END IF;
    IF r.relkind = 'm' AND closed_source AND EXISTS (
            SELECT FROM espalier_governance.lineage(p_rel) l (relid)
            JOIN espalier_governance.filter f ON f.profile = p_profile AND f.relid = l.relid) THEN
        RAISE EXCEPTION 'a materialized view holds rows that a filter hides';
    END IF;
    IF EXISTS (
            SELECT FROM espalier_governance.filter f
            WHERE f.profile = p_profile AND f.relid = p_rel
              AND (espalier_governance.is_given_made_of_masked(p_profile, p_rel, f.expression)
                   OR (r.relkind = 'm' AND closed_source AND f.expression ~ '\{\d+\}'))) THEN
        RAISE EXCEPTION 'its row filter is given a column that PostgreSQL makes of what is masked for them. Give it what that is made of';
    END IF;
    IF NOT plain THEN
        SELECT f.expression INTO filter FROM espalier_governance.filter f WHERE f.profile = p_profile AND f.relid = p_rel;
        IF filter ~ '\{\d+\}' AND espalier_governance.is_turned_below(p_profile, p_rel) THEN
            RAISE EXCEPTION 'they may change what its row filter goes by, where the view has it from. Filter the tables that it is made of, or revoke MODIFY there';
        END IF;
    END IF;
    FOR c IN
        SELECT a.attname, a.attcollation, t.typcollation, espalier_governance.shown_type(a.atttypid, a.atttypmod) AS type,
               -- What a materialized view holds was never masked, and is not given to a mask of its own.
               CASE
                   WHEN r.relkind = 'm' AND closed_source THEN 'NULL'
                   WHEN NOT plain AND replace(m.expression, format('{%s}', a.attnum), '') ~ '\{\d+\}'
                       AND espalier_governance.is_turned_below(p_profile, p_rel) THEN 'NULL'
                   ELSE m.expression
               END AS expression
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
    IF masks > 0 OR EXISTS (SELECT FROM espalier_governance.filter f WHERE f.profile = p_profile AND f.relid = p_rel) THEN
        SELECT min(l.function::regprocedure::text) INTO loose FROM espalier_governance.loose_policies() l WHERE l.relid = p_rel;
        IF loose IS NOT NULL THEN
            RAISE EXCEPTION 'its row security calls %, which could be made to show whole rows to whom the rules show a part: ALTER FUNCTION % SET search_path = %, pg_temp',
                loose, loose, quote_ident(r.nspname);
        END IF;
        IF r.relkind = 'v' THEN
            SELECT min(l.function::regprocedure::text) INTO loose FROM espalier_governance.loose_reading(ARRAY[p_profile], ARRAY[p_rel]) l;
            IF loose IS NOT NULL THEN
                RAISE EXCEPTION 'to read it runs %, which could be made to show what is below its masks and filters: %',
                    loose, espalier_governance.remedy(loose::regprocedure, r.nspname);
            END IF;
        END IF;
    END IF;
    access.writes := access.writes AND NOT rebound AND r.relkind <> 'm';
    IF access.writes AND espalier_governance.rule_reaching_protected(p_profile, p_rel) IS NOT NULL THEN
        access.writes := false;
        INSERT INTO espalier_governance.note (profile, relid, message) VALUES (p_profile, p_rel,
            'those whom a policy binds cannot write it, because its rule ' || espalier_governance.rule_reaching_protected(p_profile, p_rel)
            || ' runs with its owner''s rights and leads to what is hidden from them');
    END IF;
    IF access.writes AND EXISTS (SELECT FROM espalier_governance.profile f WHERE f.profile = p_profile AND f.bound) THEN
        SELECT min(l.function::regprocedure::text) INTO loose
        FROM espalier_governance.loose_code(ARRAY[p_profile], ARRAY[p_rel]) l;
        IF loose IS NOT NULL THEN
            access.writes := false;
            INSERT INTO espalier_governance.note (profile, relid, message) VALUES (p_profile, p_rel,
                'those whom a policy binds cannot write it, because ' || loose || ', which runs then, could be made to show them whole rows: '
                || espalier_governance.remedy(loose::regprocedure, r.nspname))
            ON CONFLICT (profile, relid) DO UPDATE SET message = excluded.message;
        END IF;
        SELECT array_agg(DISTINCT t.told), coalesce(array_agg(DISTINCT t.how), '{}'),
               coalesce(array_agg(DISTINCT u.attname) FILTER (WHERE t.how = 'update' AND u.attname IS NOT NULL), '{}')
        INTO told, kept, referred
        FROM espalier_governance.telling_keys(ARRAY[p_profile], ARRAY[p_rel]) t
        LEFT JOIN LATERAL unnest(t.columns) u (attname) ON true;
        IF told IS NOT NULL THEN
            INSERT INTO espalier_governance.note (profile, relid, message, told) VALUES (p_profile, p_rel,
                'those whom a policy binds cannot ' || array_to_string(kept, ' or ') || ' all of it, because foreign keys of ' || array_to_string(told::regclass[], ', ')
                || ' would change what is hidden from them there (ON UPDATE, ON DELETE)', told)
            ON CONFLICT (profile, relid) DO UPDATE SET message = excluded.message, told = excluded.told;
        END IF;
    END IF;
    IF masks = 0 AND filter IS NULL AND NOT rebound THEN
        PERFORM espalier_governance.hold(p_profile, p_rel, CASE
            WHEN access.reads AND access.writes THEN ARRAY(
                SELECT p FROM unnest('{DELETE,INSERT,SELECT,UPDATE}'::text[]) p
                WHERE lower(p) <> ALL (kept))
            WHEN access.reads THEN '{SELECT}'
            ELSE '{}'
        END);
        RETURN;
    END IF;
    PERFORM espalier_governance.hold(p_profile, p_rel, '{}');
    IF access.reads AND r.relkind = 'v' THEN
        unread := espalier_governance.unread_below(p_profile, p_rel);
        IF unread IS NOT NULL THEN
            access.reads := false;
            INSERT INTO espalier_governance.note (profile, relid, message, unread) VALUES (p_profile, p_rel, 'closed to some, because ' || unread, true)
            ON CONFLICT (profile, relid) DO UPDATE SET message = excluded.message, unread = true;
        END IF;
    END IF;
    IF access.reads THEN
        led_around := espalier_governance.policy_led_around(p_profile, p_rel, rebound);
        IF led_around IS NOT NULL THEN
            access.reads := false;
            INSERT INTO espalier_governance.note (profile, relid, message) VALUES (p_profile, p_rel,
                'closed to some, because what they would read it by is not under the policy ' || led_around
                || ', which names roles. Make it TO PUBLIC, with session_user in its condition')
            ON CONFLICT (profile, relid) DO UPDATE SET message = excluded.message;
        END IF;
    END IF;
    IF rebound THEN
        FOR below IN
            SELECT DISTINCT g.oid, espalier_governance.is_protected(p_profile, g.oid)
                   OR espalier_governance.has_protected_source(p_profile, g.oid) AS protected
            FROM pg_rewrite w
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            JOIN espalier_governance.governed_relation g ON g.oid = d.refobjid
            WHERE w.ev_class = p_rel AND w.ev_type = '1' AND d.refobjid <> p_rel
        LOOP
            IF below.protected THEN
                PERFORM espalier_governance.compile_guarded(
                    p_profile, below.oid, espalier_governance.has_protected_ancestor(p_profile, below.oid));
                -- Who owns the views would see all of it.
                IF EXISTS (SELECT FROM espalier_governance.failure f WHERE f.profile = p_profile AND f.relid = below.oid) THEN
                    RAISE EXCEPTION '%, which it is made of, could not be compiled', below.oid::regclass;
                END IF;
            END IF;
            -- Filters of tables hold for the views' owner, too; what is masked he is checked not to use, below.
            IF NOT below.protected OR NOT EXISTS (SELECT FROM espalier_governance.masked_columns(p_profile, below.oid)) THEN
                EXECUTE format('GRANT SELECT ON %s TO %I', below.oid::regclass, view_role);
            END IF;
            IF NOT below.protected THEN
                PERFORM espalier_governance.lend_below(below.oid, view_role);
            END IF;
        END LOOP;
        schemas := espalier_governance.schemas_named(p_profile, p_rel);
        source := '(' || espalier_governance.groupable_text(
            p_profile, p_rel, schemas, format('%I.%I', espalier_governance.place(p_profile, r.nspname, false), r.relname)) || ')';
    ELSE
        source := p_rel::regclass::text;
        EXECUTE format('GRANT SELECT%s ON %s TO %I',
            CASE WHEN access.writes AND plain THEN ', INSERT, UPDATE, DELETE' ELSE '' END, p_rel::regclass, view_role);
        PERFORM espalier_governance.lend_below(p_rel, view_role);
    END IF;
    -- What the application's view keeps from conditions of its readers, theirs keeps, too.
    barrier := filter IS NOT NULL OR (r.relkind = 'v' AND EXISTS (
        SELECT FROM (SELECT p_rel UNION ALL SELECT espalier_governance.lineage(p_rel)) l (relid)
        WHERE espalier_governance.has_option(l.relid, 'security_barrier')));
    place := espalier_governance.place(p_profile, r.nspname, false);
    condition := coalesce(' WHERE ' || espalier_governance.rendered(p_rel, filter, 't.'), '');
    statement := format('CREATE VIEW %I.%I%s AS SELECT %s FROM %s t%s',
        place, r.relname,
        CASE WHEN barrier THEN ' WITH (security_barrier = true)' ELSE '' END,
        columns, source, condition);
    IF rebound THEN
        -- At first without what masks and filters call, where there are any.
        PERFORM espalier_governance.create_rebound(p_profile, schemas, CASE
            WHEN masks = 0 AND filter IS NULL THEN statement
            ELSE format('CREATE VIEW %I.%I AS SELECT t.* FROM %s t', place, r.relname, source)
        END);
        view := format('%I.%I', place, r.relname)::regclass;
        called := espalier_governance.foreign_call(p_rel, view);
        IF called IS NOT NULL THEN
            RAISE EXCEPTION 'its text, read again with masked columns, would call %, which it does not call: give that another name', called;
        END IF;
        IF masks > 0 OR filter IS NOT NULL THEN
            -- Above the text alone, to tell what masks call from what the text does.
            above := format('%I.%I', place, gen_random_uuid()::text);
            PERFORM espalier_governance.create_rebound(p_profile, schemas, format('CREATE VIEW %s AS SELECT %s FROM %s t%s', above, columns, view::regclass, condition));
            calls := ARRAY(SELECT espalier_governance.called_by_view(above::regclass));
            EXECUTE format('DROP VIEW %s', above);
            EXECUTE format('DROP VIEW %s', view::regclass);
            PERFORM espalier_governance.create_rebound(p_profile, schemas, statement);
        END IF;
        view := format('%I.%I', place, r.relname)::regclass;
    ELSE
        EXECUTE statement;
        view := format('%I.%I', place, r.relname)::regclass;
        calls := ARRAY(SELECT espalier_governance.called_by_view(view));
    END IF;
    EXECUTE format('ALTER VIEW %s OWNER TO %I', view::regclass, view_role);
    IF EXISTS (
            SELECT FROM pg_rewrite w
            JOIN espalier_governance.unsafe_call u ON u.class = 'pg_rewrite'::regclass AND u.object = w.oid
            -- What the application's own text calls is no mask.
            WHERE w.ev_class = view
              AND u.function = ANY (calls)) THEN
        RAISE EXCEPTION 'a mask function is not bound: make it LANGUAGE sql with BEGIN ATOMIC, or give it a search_path of its own that ends in pg_temp, and standard_conforming_strings = on where its text has a backslash; neither volatile nor SECURITY DEFINER, and without RAISE and ASSERT';
    END IF;
    IF rebound THEN
        named := espalier_governance.named_in_vain(p_profile, view);
        IF named IS NOT NULL THEN
            RAISE EXCEPTION 'the view names % in a way that its masked view cannot take the place of', named;
        END IF;
    END IF;
    INSERT INTO espalier_governance.compiled (profile, relid, view, calls) VALUES (p_profile, p_rel, view, CASE WHEN r.relkind = 'v' THEN calls ELSE '{}' END);
    IF access.reads THEN
        EXECUTE format('GRANT SELECT ON %s TO %I', view::regclass, profile_role);
        IF access.writes AND plain THEN
            PERFORM espalier_governance.compile_writing(p_profile, p_rel, view, referred, 'delete' <> ALL (kept));
        END IF;
    END IF;
END $$;
