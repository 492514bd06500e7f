-- Brings the database under the frame that is in it.

-- What cannot be compiled is closed to the profile, and never left as it was.
CREATE FUNCTION espalier_governance.compile_guarded(p_profile text, p_rel oid, p_of_protected boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM espalier_governance.compile_filter(p_profile, p_rel);
    PERFORM espalier_governance.compile_relation(p_profile, p_rel, p_of_protected);
EXCEPTION
    -- A full table of locks, which PostgreSQL takes for memory that has run out, says nothing of what is compiled.
    WHEN lock_not_available OR deadlock_detected OR serialization_failure OR out_of_memory THEN
        RAISE;
    WHEN OTHERS THEN
        IF EXISTS (SELECT FROM pg_class WHERE oid = p_rel) THEN
            PERFORM espalier_governance.hold(p_profile, p_rel, '{}');
        END IF;
        INSERT INTO espalier_governance.failure VALUES (p_profile, p_rel, SQLERRM)
        ON CONFLICT (profile, relid) DO UPDATE SET message = excluded.message;
END $$;

-- Keeps what the views are that have been made.
CREATE FUNCTION espalier_governance.seal() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE espalier_governance.compiled k
    SET definition = espalier_governance.definition(k.view, k.write_view), versions = v.versions
    FROM espalier_governance.compiled_version v
    WHERE k.definition IS NULL AND v.definition IS NULL AND v.profile = k.profile AND v.relid = k.relid
$$;

-- Takes a schema of views out of use. Statements that run on them go on; the next ones find the new ones.
CREATE FUNCTION espalier_governance.retire_schema(p_schema name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
    -- One of an earlier installation may still be there.
    retired name := 'espalier_old_' || replace(gen_random_uuid()::text, '-', '');
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
        PERFORM espalier_governance.withdraw_schema(p_schema, each.grantee);
    END LOOP;
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', p_schema, retired);
END $$;

-- Gives a profile its roles, and what they hold beside relations.
CREATE FUNCTION espalier_governance.prepare_profile(p_profile text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    PERFORM espalier_governance.make_role(espalier_governance.view_role(p_profile));
    PERFORM espalier_governance.make_role(espalier_governance.profile_role(p_profile));
    DELETE FROM espalier_governance.retired_profile WHERE profile = p_profile;
    PERFORM espalier_governance.disown(quote_ident(espalier_governance.profile_role(p_profile))::regrole);
    FOR each IN
        SELECT g.oid FROM espalier_governance.governed_relation g
        WHERE g.relowner = quote_ident(espalier_governance.view_role(p_profile))::regrole
    LOOP
        PERFORM espalier_governance.make_role('espalier_keeper');
        EXECUTE format('ALTER TABLE %s OWNER TO espalier_keeper', each.oid::regclass);
    END LOOP;
    PERFORM espalier_governance.lend_schemas(p_profile);
    PERFORM espalier_governance.hold_schema(espalier_governance.view_role(p_profile), 'espalier_secret', '{USAGE}');
    IF NOT EXISTS (
            SELECT FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
            WHERE c.oid = 'espalier_secret.key'::regclass
              AND x.grantee = quote_ident(espalier_governance.view_role(p_profile))::regrole) THEN
        EXECUTE format('GRANT SELECT ON espalier_secret.key TO %I', espalier_governance.view_role(p_profile));
    END IF;
    FOR each IN
        SELECT f.oid
        FROM pg_shdepend d
        JOIN pg_proc f ON f.oid = d.objid
        WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = quote_ident(espalier_governance.profile_role(p_profile))::regrole
          AND d.classid = 'pg_proc'::regclass AND d.deptype = 'a'
          AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND f.oid NOT IN (SELECT function FROM espalier_governance.function_access WHERE profile = p_profile)
    LOOP
        PERFORM espalier_governance.withdraw_routine(each.oid, quote_ident(espalier_governance.profile_role(p_profile))::regrole);
    END LOOP;
    FOR each IN
        SELECT a.function
        FROM espalier_governance.function_access a JOIN pg_proc f ON f.oid = a.function
        WHERE a.profile = p_profile AND NOT EXISTS (
            SELECT FROM aclexplode(f.proacl) x
            WHERE x.grantee = quote_ident(espalier_governance.profile_role(p_profile))::regrole)
    LOOP
        EXECUTE format('GRANT EXECUTE ON %s TO %I', espalier_governance.routine(each.function), espalier_governance.profile_role(p_profile));
    END LOOP;
END $$;

-- Relations with all that is made of them, or is a part of them, for the profiles; of some without their parts.
CREATE FUNCTION espalier_governance.with_dependents(p_profiles text[], p_relations oid[], p_without_parts oid[])
RETURNS TABLE (profile text, relid oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE affected (profile, relid) AS (
        SELECT u.profile, u.relid FROM unnest(p_profiles, p_relations) u (profile, relid)
        UNION
        SELECT a.profile, d.relid
        FROM affected a
        CROSS JOIN LATERAL (
            SELECT w.ev_class AS relid
            FROM pg_depend d
            JOIN pg_rewrite w ON w.oid = d.objid
            JOIN espalier_governance.governed_relation g ON g.oid = w.ev_class
            WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = a.relid AND d.classid = 'pg_rewrite'::regclass
            UNION ALL
            SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = a.relid AND a.relid <> ALL (p_without_parts)) d
    )
    SELECT profile, relid FROM affected
$$;

-- The functions that are called now, as they are. Only rows that change are locked: migrations of other tables keep them, too.
CREATE FUNCTION espalier_governance.note_functions() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM espalier_governance.function_in_use u
    WHERE NOT EXISTS (SELECT FROM espalier_governance.called_function c WHERE c.function = u.function);
    INSERT INTO espalier_governance.function_in_use
    SELECT c.function, c.hash
    FROM (SELECT f.function, espalier_governance.function_hash(f.function) AS hash FROM espalier_governance.called_function f) c
    LEFT JOIN espalier_governance.function_in_use u ON u.function = c.function
    WHERE u.hash IS DISTINCT FROM c.hash
    ON CONFLICT (function) DO UPDATE SET hash = excluded.hash;
$$;

-- Also of what cannot be told: why that is comes to light when it is compiled itself.
CREATE FUNCTION espalier_governance.is_or_may_be_protected(p_profile text, p_rel oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN espalier_governance.is_protected(p_profile, p_rel);
EXCEPTION
    WHEN out_of_memory THEN
        RAISE;
    WHEN OTHERS THEN
        RETURN true;
END $$;

-- Compiles relations for profiles, beside what they had, with all that depends on them, but for the parts of some. Where somebody keeps one of them, as by
-- LOCK TABLE, the error names it.
CREATE FUNCTION espalier_governance.compile(p_profiles text[], p_relations oid[], p_without_parts oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    profiles text[];
    relations oid[];
    each record;
    kept record;
    named text;
BEGIN
    SELECT array_agg(d.profile), array_agg(d.relid) INTO profiles, relations
    FROM espalier_governance.with_dependents(p_profiles, p_relations, p_without_parts) d;
    PERFORM espalier_governance.set_aside(profiles, relations);
    -- Each whole is asked for once, because it can have many parts.
    FOR each IN
        WITH part AS MATERIALIZED (
            SELECT u.profile, u.relid, a.relid AS whole
            FROM unnest(profiles, relations) u (profile, relid)
            CROSS JOIN LATERAL espalier_governance.ancestors(u.relid) a (relid)
        ),
        whole AS MATERIALIZED (
            SELECT DISTINCT p.profile, p.whole FROM part p
        ),
        protected AS MATERIALIZED (
            SELECT w.profile, w.whole FROM whole w WHERE espalier_governance.is_or_may_be_protected(w.profile, w.whole)
        )
        SELECT u.profile, u.relid, o.relid IS NOT NULL AS of_protected
        FROM unnest(profiles, relations) u (profile, relid)
        JOIN espalier_governance.governed_relation g ON g.oid = u.relid
        LEFT JOIN (
            SELECT DISTINCT p.profile, p.relid FROM part p JOIN protected w ON w.profile = p.profile AND w.whole = p.whole
        ) o ON o.profile = u.profile AND o.relid = u.relid
        ORDER BY u.profile, g.relkind = 'v', u.relid
    LOOP
        PERFORM espalier_governance.compile_guarded(each.profile, each.relid, each.of_protected);
    END LOOP;
    PERFORM espalier_governance.lend_sequences(profiles, relations);
    PERFORM espalier_governance.seal();
    PERFORM espalier_governance.note_functions();
EXCEPTION WHEN lock_not_available THEN
    GET STACKED DIAGNOSTICS named = TABLE_NAME;
    -- A row filter's error names its table by itself.
    IF each IS NULL OR named <> '' THEN
        RAISE;
    END IF;
    SELECT n.nspname, c.relname INTO STRICT kept FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = each.relid;
    RAISE EXCEPTION USING ERRCODE = 'EG001', MESSAGE = SQLERRM, SCHEMA = kept.nspname, TABLE = kept.relname;
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

-- Brings the database under the frame that has been loaded: profiles that changed, relations that changed for a profile, and, if anyone or
-- anything has come or gone, the principals and what is beside the rules.
CREATE FUNCTION espalier_governance.apply(
    p_changed text[], p_gone text[], p_profiles text[], p_relations oid[], p_anyone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
    profile text;
    profiles text[] := p_profiles;
    relations oid[] := p_relations;
BEGIN
    FOREACH profile IN ARRAY p_gone LOOP
        PERFORM espalier_governance.retire_profile(profile);
    END LOOP;
    FOREACH profile IN ARRAY p_changed LOOP
        PERFORM espalier_governance.prepare_profile(profile);
    END LOOP;
    IF p_anyone THEN
        -- Policies of tables' own that name roles can be about others than before.
        SELECT p_profiles || array_agg(f.profile), p_relations || array_agg(y.polrelid) INTO profiles, relations
        FROM (
            SELECT DISTINCT p.polrelid
            FROM pg_policy p
            JOIN espalier_governance.governed_relation g ON g.oid = p.polrelid
            WHERE NOT p.polpermissive AND p.polroles <> '{0}' AND p.polname !~ '^espalier_') y
        CROSS JOIN espalier_governance.profile f;
    END IF;
    -- What is written can carry on to columns that masks and filters go by.
    SELECT profiles || coalesce(array_agg(w.profile), '{}'), relations || coalesce(array_agg(w.relid), '{}') INTO profiles, relations
    FROM espalier_governance.writing_to(profiles, relations) w;
    PERFORM espalier_governance.lock_relations(relations, true);
    PERFORM espalier_governance.compile(profiles, relations, '{}');
    IF p_anyone THEN
        DELETE FROM espalier_governance.shut_out o WHERE NOT EXISTS (SELECT FROM espalier_governance.subject s WHERE s.principal = o.principal);
        -- Paths are set when they sign in.
        FOR each IN SELECT DISTINCT u.subject AS principal FROM espalier_governance.unsettled(NULL) u ORDER BY 1 LOOP
            PERFORM espalier_governance.settle_guarded(each.principal::name);
        END LOOP;
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'espalier_keeper') THEN
            PERFORM espalier_governance.make_role('espalier_keeper');
        END IF;
        PERFORM espalier_governance.revoke_beside_the_rules();
        PERFORM espalier_governance.revoke_dangerous();
    END IF;
    PERFORM espalier_governance.renew_unread(true);
END $$;

-- Keeps what things are called that have not been seen before, with the given columns: the frame was not compiled for those that have come since.
CREATE FUNCTION espalier_governance.learn(p_relations oid[], p_column_relations oid[], p_columns smallint[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT espalier_governance.learn_wholes(ARRAY(
        SELECT i.inhrelid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f')
        UNION
        SELECT w.relid FROM espalier_governance.known_whole w WHERE NOT w.apart));
    INSERT INTO espalier_governance.known_relation
    SELECT g.oid, g.nspname, g.relname FROM espalier_governance.governed_relation g WHERE g.oid = ANY (p_relations)
    ON CONFLICT DO NOTHING;
    INSERT INTO espalier_governance.known_column
    SELECT a.attrelid, a.attnum, a.attname
    FROM unnest(p_column_relations, p_columns) u (relid, attnum)
    JOIN pg_attribute a ON a.attrelid = u.relid AND a.attnum = u.attnum AND NOT a.attisdropped
    ON CONFLICT DO NOTHING;
$$;

-- Closes the tables whose filters change, so that their readers can be waited for.
CREATE FUNCTION espalier_governance.close_filtered(p_profiles text[], p_relations oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
BEGIN
    PERFORM espalier_governance.begin_work();
    -- Not as the frame says any more, should the rules be taken back.
    UPDATE espalier_governance.state SET frame = '';
    UPDATE espalier_governance.profile SET hash = '' WHERE profile = ANY (p_profiles);
    UPDATE espalier_governance.relation_access a SET hash = ''
    FROM unnest(p_profiles, p_relations) p (profile, relid)
    WHERE a.profile = p.profile AND a.relid = p.relid;
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
        JOIN espalier_governance.compiled k ON k.profile = p.profile AND k.relid = p.relid
    LOOP
        PERFORM espalier_governance.withdraw(each.view, quote_ident(each.role)::regrole);
        IF each.write_view IS NOT NULL THEN
            PERFORM espalier_governance.withdraw(each.write_view, quote_ident(each.role)::regrole);
        END IF;
    END LOOP;
    PERFORM espalier_governance.end_work();
END $$;

-- Drops the views out of use that nobody reads; false if somebody does.
CREATE FUNCTION espalier_governance.drop_retired_views() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error SET lock_timeout = '1ms' AS $$
DECLARE
    each record;
    all_of_them boolean := true;
BEGIN
    FOR each IN SELECT r.view FROM espalier_governance.retired_view r LOOP
        BEGIN
            -- One that was made of another can have gone with it.
            IF EXISTS (SELECT FROM pg_class WHERE oid = each.view) THEN
                EXECUTE format('DROP VIEW %s CASCADE', each.view::regclass);
            END IF;
            DELETE FROM espalier_governance.retired_view WHERE view = each.view;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            all_of_them := false;
        END;
    END LOOP;
    RETURN all_of_them;
END $$;

-- What is left of views, schemas and roles out of use, one at a time.
CREATE FUNCTION espalier_governance.tidy() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error SET lock_timeout = '1ms' AS $$
DECLARE
    each record;
    role name;
    left_over boolean;
BEGIN
    PERFORM espalier_governance.begin_work();
    left_over := NOT espalier_governance.drop_retired_views();
    FOR each IN SELECT name FROM espalier_governance.retired_schema LOOP
        BEGIN
            -- A filter that still calls what is in it would go with it, and its table be open.
            IF EXISTS (
                    SELECT FROM pg_depend d
                    JOIN pg_proc f ON d.refclassid = 'pg_proc'::regclass AND f.oid = d.refobjid
                    JOIN pg_namespace n ON n.oid = f.pronamespace
                    WHERE d.classid = 'pg_policy'::regclass AND n.nspname = each.name) THEN
                left_over := true;
                CONTINUE;
            END IF;
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
    DELETE FROM espalier_governance.held k WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.relid);
    DELETE FROM espalier_governance.known_relation k WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.relid);
    DELETE FROM espalier_governance.known_column k WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.relid);
    DELETE FROM espalier_governance.known_whole k WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.relid);
    DELETE FROM espalier_governance.relation_lock
    WHERE relid IN (
        SELECT k.relid FROM espalier_governance.relation_lock k
        WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.relid)
        FOR UPDATE SKIP LOCKED);
    PERFORM espalier_governance.end_work();
END $$;
