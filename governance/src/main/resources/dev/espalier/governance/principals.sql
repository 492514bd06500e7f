-- What a principal's role has, and should have.

-- All that a role owns in this database but temporary things, and the statement to which TO and another owner is added. What goes along with
-- something else has none.
CREATE FUNCTION espalier_governance.owned_by(p_role oid) RETURNS TABLE (class oid, id oid, object text, statement text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.classid, d.objid, format('%s %s', i.type, i.identity),
           CASE
               WHEN d.classid NOT IN ('pg_extension'::regclass, 'pg_type'::regclass)
                   AND NOT (d.classid = 'pg_class'::regclass AND EXISTS (
                       SELECT FROM pg_depend x
                       WHERE x.classid = d.classid AND x.objid = d.objid AND x.refclassid = 'pg_class'::regclass AND x.deptype IN ('a', 'i')))
                   THEN CASE
                       WHEN d.classid = 'pg_proc'::regclass THEN format('ALTER %s OWNER', espalier_governance.routine(d.objid))
                       WHEN i.type = 'statistics object' THEN format('ALTER statistics %s OWNER', i.identity)
                       ELSE format('ALTER %s %s OWNER', i.type, i.identity)
                   END
               WHEN d.classid = 'pg_type'::regclass THEN format('ALTER TYPE %s OWNER', i.identity)
           END
    FROM pg_shdepend d
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
    WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = p_role AND d.deptype = 'o'
      AND (d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
           OR (d.classid = 'pg_database'::regclass AND d.objid = (SELECT oid FROM pg_database WHERE datname = current_database())))
      -- These are about a role, and not its to give away; and anybody may make large objects, which lead to nothing else.
      AND d.classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass, 'pg_largeobject'::regclass)
      -- What is gone by now, as a session's temporary things are when it ends, has no name.
      AND i.identity IS NOT NULL AND NOT starts_with(coalesce(i.schema, ''), 'pg_temp')
$$;

-- An owner could give himself whatever he likes: what he owned is kept for others by a role that nobody is in.
CREATE FUNCTION espalier_governance.disown(p_role oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT o.class, o.id, o.statement FROM espalier_governance.owned_by(p_role) o LOOP
        PERFORM espalier_governance.make_role('espalier_keeper');
        IF each.statement IS NOT NULL THEN
            EXECUTE each.statement || ' TO espalier_keeper';
        ELSIF each.class = 'pg_extension'::regclass THEN
            -- There is no statement for that but one for all that somebody owns anywhere.
            UPDATE pg_extension SET extowner = 'espalier_keeper'::regrole WHERE oid = each.id;
            UPDATE pg_shdepend SET refobjid = 'espalier_keeper'::regrole
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND classid = each.class AND objid = each.id AND deptype = 'o';
        END IF;
    END LOOP;
END $$;

-- Who may call what reaches files or other servers. Only what PostgreSQL and its extensions bring does: anybody can give a function
-- of his own such a name.
CREATE VIEW espalier_governance.dangerous_grant AS
SELECT f.oid AS function, x.grantee
FROM pg_catalog.pg_proc f
CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) x
WHERE f.proname ~ '^(dblink.*|lo_import|lo_export|pg_read_file|pg_read_binary_file|pg_ls_dir|pg_file_.*|pg_read_server_files|get_raw_page)$'
  AND NOT f.proname ~ '^dblink_(get_|fdw_|current|build|cancel|error|is_busy)'
  AND (f.pronamespace = 'pg_catalog'::regnamespace
       OR EXISTS (
           SELECT FROM pg_catalog.pg_depend d
           WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e'))
  AND x.grantee <> f.proowner
  AND EXISTS (SELECT FROM espalier_governance.profile)
  AND x.grantee IN (
      SELECT 0::oid
      UNION SELECT g.role FROM espalier_governance.governed_role g
      UNION SELECT r.oid FROM espalier_governance.profile p JOIN pg_catalog.pg_authid r ON r.rolname = espalier_governance.profile_role(p.profile));

-- Who is not governed may call them as before.
CREATE FUNCTION espalier_governance.revoke_dangerous() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT d.function, d.grantee FROM espalier_governance.dangerous_grant d LOOP
        IF each.grantee = 0 THEN
            PERFORM espalier_governance.close_definer(each.function);
        ELSE
            PERFORM espalier_governance.withdraw_routine(each.function, each.grantee);
        END IF;
    END LOOP;
END $$;

-- What a principal has or could get beside the rules; all of them if none is named.
CREATE FUNCTION espalier_governance.unsettled(p_principal name) RETURNS TABLE (finding text, subject text, detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH principal AS MATERIALIZED (
        SELECT r.oid, r.rolname, s.profile, f.bound, r.rolsuper, r.rolbypassrls, r.rolreplication, r.rolcreaterole, r.rolcreatedb, r.rolinherit
        FROM espalier_governance.subject s
        JOIN pg_authid r ON r.rolname = s.principal
        LEFT JOIN espalier_governance.profile f ON f.profile = s.profile
        WHERE p_principal IS NULL OR s.principal = p_principal
    ),
    here AS MATERIALIZED (
        SELECT r.oid
        FROM pg_authid r
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
    LEFT JOIN pg_authid own ON own.rolname = espalier_governance.profile_role(p.profile)
    JOIN pg_authid r ON r.oid = m.roleid
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
        SELECT FROM pg_auth_members m JOIN pg_authid r ON r.oid = m.roleid
        WHERE m.member = p.oid AND r.rolname = espalier_governance.profile_role(p.profile))
    UNION ALL
    SELECT 'owner', p.rolname::text, o.object
    FROM (
        SELECT p.oid, p.rolname
        FROM principal p
        WHERE p.bound AND EXISTS (
            SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = p.oid AND d.deptype = 'o')
        OFFSET 0
    ) p
    CROSS JOIN LATERAL espalier_governance.owned_by(p.oid) o
$$;

-- Names that a principal does not qualify find his profile's views before the tables. NULL if they find nothing, because his path is empty.
CREATE FUNCTION espalier_governance.path_of(p_principal name, p_profile text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(CASE
            WHEN e.name = '$user' THEN quote_ident(espalier_governance.view_schema_name(p_principal, p_profile, false)) || ', ' || quote_ident(e.name)
            ELSE quote_ident(espalier_governance.view_schema_name(e.name::name, p_profile, false)) || ', ' || quote_ident(e.name)
        END, ', ' ORDER BY e.ord)
    FROM (
        SELECT CASE WHEN u.part[1] LIKE '"%' THEN replace(substr(u.part[1], 2, length(u.part[1]) - 2), '""', '"') ELSE lower(btrim(u.part[1])) END AS name, u.ord
        FROM regexp_matches(coalesce(
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
            (SELECT boot_val FROM pg_settings WHERE name = 'search_path')), '"(?:[^"]|"")*"|[^,"\s]+', 'g') WITH ORDINALITY u (part, ord)
    ) e
    WHERE e.name <> ''
$$;

-- Gives a principal's role what the rules give him, and takes what they do not.
CREATE FUNCTION espalier_governance.settle(p_principal name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    s record;
    each record;
    may_sign_in boolean;
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
        PERFORM espalier_governance.disown(s.role);
    END IF;
    DELETE FROM espalier_governance.shut_out WHERE principal = p_principal RETURNING could_sign_in INTO may_sign_in;
    IF may_sign_in THEN
        EXECUTE format('ALTER ROLE %I LOGIN', p_principal);
    END IF;
END $$;

-- Sets the path that a principal's next session begins with. By itself, and not with all else that is his: he may change settings of his role, and
-- whoever waits for him longer than a moment, be it with a transaction that he has prepared, would wait for as long as he likes. Who keeps them locked
-- keeps the path that he has, which shows him nothing but that he has to name what he reads in another way.
CREATE FUNCTION espalier_governance.set_path(p_principal name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error SET lock_timeout = '1s' AS $$
DECLARE
    s record;
    path text;
    has_path text;
BEGIN
    SELECT x.profile, r.oid AS role INTO s
    FROM espalier_governance.subject x JOIN pg_roles r ON r.rolname = x.principal
    WHERE x.principal = p_principal;
    IF NOT FOUND THEN
        RETURN;
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
        IF path IS NULL AND has_path IS NOT NULL THEN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET search_path', p_principal, current_database());
        ELSIF has_path IS DISTINCT FROM path THEN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path TO %s', p_principal, current_database(), path);
        END IF;
    END IF;
EXCEPTION
    -- Another sign-in of his sets it at this moment, where it is not a lock that is in the way: PostgreSQL has an internal error for that.
    WHEN lock_not_available OR internal_error OR unique_violation THEN
        NULL;
END $$;

-- Settles a principal, or lets him in no more: what is wrong with one closes the database to nobody else.
CREATE FUNCTION espalier_governance.settle_guarded(p_principal name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
BEGIN
    PERFORM espalier_governance.settle(p_principal);
EXCEPTION
    -- Internal errors are what PostgreSQL says where two change the same role, and memory has run out where the table of locks is full.
    WHEN lock_not_available OR deadlock_detected OR serialization_failure OR internal_error OR out_of_memory THEN
        RAISE;
    WHEN OTHERS THEN
        -- Who is free of the rules is not theirs to shut out.
        IF NOT EXISTS (SELECT FROM espalier_governance.subject s WHERE s.principal = p_principal AND s.profile IS NOT NULL) THEN
            RAISE;
        END IF;
        PERFORM espalier_governance.shut_out(p_principal, SQLERRM);
END $$;

-- Leaves a principal nothing but what he owns, and no session to reach it by.
CREATE FUNCTION espalier_governance.shut_out(p_principal name, p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
    each record;
BEGIN
    INSERT INTO espalier_governance.shut_out (principal, reason, could_sign_in)
    SELECT r.rolname, p_reason, r.rolcanlogin FROM pg_roles r WHERE r.rolname = p_principal
    ON CONFLICT (principal) DO UPDATE SET reason = excluded.reason;
    EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOREPLICATION NOCREATEROLE NOCREATEDB INHERIT', p_principal);
    FOR each IN
        SELECT pg_get_userbyid(m.roleid) AS role, g.rolname AS grantor
        FROM pg_auth_members m LEFT JOIN pg_roles g ON g.oid = m.grantor
        WHERE m.member = quote_ident(p_principal)::regrole
    LOOP
        PERFORM espalier_governance.revoke_role(each.role, p_principal, each.grantor);
    END LOOP;
    FOR each IN SELECT a.pid FROM pg_stat_activity a WHERE a.usename = p_principal LOOP
        PERFORM pg_terminate_backend(each.pid, 1000);
    END LOOP;
END $$;

-- Brings a principal's role under the rules when he signs in; false if the rules do not know him.
CREATE FUNCTION espalier_governance.prepare(p_principal name) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM espalier_governance.subject WHERE principal = p_principal) THEN
        RETURN false;
    END IF;
    PERFORM espalier_governance.begin_work();
    -- Who is shut out stays so: his role may have been let sign in, for this.
    PERFORM espalier_governance.settle_guarded(p_principal);
    IF EXISTS (SELECT FROM espalier_governance.beside_the_rules() b WHERE b.grantee IN (p_principal, 'PUBLIC')) THEN
        PERFORM espalier_governance.revoke_beside_the_rules();
    END IF;
    PERFORM espalier_governance.end_work();
    RETURN true;
END $$;
