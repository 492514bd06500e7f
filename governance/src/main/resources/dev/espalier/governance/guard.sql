-- What is beside the rules: found, and taken away.

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
        PERFORM espalier_governance.withdraw_routine(p_function, 0);
        IF others IS NOT NULL THEN
            EXECUTE format('GRANT EXECUTE ON %s TO %s', espalier_governance.routine(p_function), others);
        END IF;
    END IF;
END $$;

-- Roles that only the rules give anything to: the principals' own, and those of profiles that are not of this database.
CREATE VIEW espalier_governance.governed_role AS
SELECT r.oid AS role
FROM espalier_governance.subject s
JOIN pg_catalog.pg_authid r ON r.rolname = s.principal
WHERE s.profile IS NOT NULL
UNION
SELECT r.oid
FROM pg_catalog.pg_authid r
WHERE r.rolname ~ '^espalier_profile_p[0-9a-f]{10}$'
  AND NOT EXISTS (SELECT FROM espalier_governance.profile p WHERE 'espalier_profile_' || p.profile = r.rolname);

-- What default privileges are for, where they could lead to rows.
CREATE FUNCTION espalier_governance.kinds_of_default(p_type "char") RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE p_type
        WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'n' THEN 'schemas' WHEN 'L' THEN 'large objects'
    END
$$;

-- Privileges beside those that the rules give, and of what in the catalog they would be: its type and name there, without the catalog's; none where
-- there is nothing such.
CREATE FUNCTION espalier_governance.beside_the_rules()
RETURNS TABLE (grantee name, kind text, object text, privilege text, securable_type text, securable_name text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH governed AS MATERIALIZED (
        SELECT g.oid, g.nspname, g.relname, g.relowner, g.relacl FROM espalier_governance.governed_relation g
    ),
    governed_schema AS MATERIALIZED (
        SELECT s.oid, s.nspname FROM espalier_governance.governed_schema s
    ),
    closed (role) AS MATERIALIZED (
        SELECT 0::oid WHERE EXISTS (SELECT FROM espalier_governance.profile)
        UNION
        SELECT g.role FROM espalier_governance.governed_role g
    ),
    profile_role AS MATERIALIZED (
        SELECT r.oid AS role, p.profile
        FROM espalier_governance.profile p JOIN pg_authid r ON r.rolname = espalier_governance.profile_role(p.profile)
    ),
    held AS MATERIALIZED (
        SELECT p.role, h.relid, unnest(h.privileges) AS privilege
        FROM espalier_governance.held h JOIN profile_role p ON p.profile = h.profile
    ),
    -- In reach of whoever may write the table whose column it fills; or all of its schema, where it fills none.
    sequence AS MATERIALIZED (
        SELECT c.oid, s.nspname, c.relname, c.relowner, c.relacl, d.refobjid IS NULL AS is_free,
               coalesce(d.refobjid, c.relnamespace) AS place
        FROM pg_class c
        JOIN governed_schema s ON s.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
            AND d.deptype IN ('a', 'i')
        WHERE c.relkind = 'S' AND c.relacl IS NOT NULL
          AND NOT EXISTS (
              SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
    ),
    writer AS MATERIALIZED (
        SELECT p.role, false AS of_all, a.relid AS place
        FROM espalier_governance.relation_access a
        JOIN profile_role p ON p.profile = a.profile
        WHERE a.writes AND a.closed IS NULL
        UNION ALL
        SELECT p.role, true, s.oid
        FROM espalier_governance.schema_access a
        JOIN profile_role p ON p.profile = a.profile
        JOIN governed_schema s ON a.schema IN (s.nspname, '')
        WHERE a.writes
    ),
    found AS (
        SELECT x.grantee, 'TABLE' AS kind, format('%I.%I', g.nspname, g.relname) AS object, x.privilege_type,
               'TABLE' AS securable_type, format('%I.%I', g.nspname, g.relname) AS securable_name
        FROM governed g
        CROSS JOIN LATERAL aclexplode(g.relacl) x
        WHERE x.grantee <> g.relowner
          AND (x.grantee IN (SELECT role FROM closed)
               OR (x.grantee IN (SELECT role FROM profile_role)
                   AND (x.is_grantable OR (x.grantee, g.oid, x.privilege_type) NOT IN (SELECT role, relid, privilege FROM held))))
        UNION ALL
        SELECT x.grantee, 'TABLE', format('%I.%I', g.nspname, g.relname), format('%s (%I)', x.privilege_type, a.attname),
               'TABLE', format('%I.%I', g.nspname, g.relname)
        FROM governed g
        JOIN pg_attribute a ON a.attrelid = g.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
        CROSS JOIN LATERAL aclexplode(a.attacl) x
        WHERE x.grantee <> g.relowner AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        -- Numbers are for whoever may write, and nobody else sets them.
        SELECT x.grantee, 'SEQUENCE', format('%I.%I', s.nspname, s.relname), x.privilege_type,
               CASE WHEN s.is_free THEN 'SCHEMA' ELSE 'TABLE' END,
               CASE WHEN s.is_free THEN quote_ident(s.nspname) ELSE quote_ident(o.nspname) || '.' || quote_ident(o.relname) END
        FROM sequence s
        LEFT JOIN governed o ON o.oid = s.place AND NOT s.is_free
        CROSS JOIN LATERAL aclexplode(s.relacl) x
        WHERE x.grantee <> s.relowner
          AND (x.grantee IN (SELECT role FROM closed)
               OR (x.grantee IN (SELECT role FROM profile_role)
                   AND (x.privilege_type <> 'USAGE' OR x.is_grantable
                        OR (x.grantee, s.is_free, s.place) NOT IN (SELECT role, of_all, place FROM writer))))
        UNION ALL
        SELECT x.grantee, 'SCHEMA', quote_ident(n.nspname), x.privilege_type,
               CASE WHEN n.oid IN (SELECT oid FROM governed_schema) THEN 'SCHEMA' END, quote_ident(n.nspname)
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
        WHERE x.grantee <> n.nspowner AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'espalier')
          AND ((x.grantee = 0 AND x.privilege_type = 'CREATE')
               OR (x.grantee = 0 AND n.nspname !~ '^espalier_mask$' AND n.oid NOT IN (SELECT oid FROM governed_schema))
               OR (x.grantee <> 0 AND x.grantee IN (SELECT role FROM closed))
               OR ((x.privilege_type = 'CREATE' OR n.oid IN (SELECT oid FROM governed_schema)) AND EXISTS (
                   SELECT FROM profile_role p
                   WHERE p.role = x.grantee AND NOT EXISTS (
                       SELECT FROM espalier_governance.schema_access a
                       WHERE a.profile = p.profile AND a.schema IN (n.nspname, '')
                         AND CASE x.privilege_type WHEN 'CREATE' THEN a.creates ELSE a.uses END)))
               OR (n.nspname IN ('espalier_secret', 'espalier_governance') AND x.grantee IN (SELECT role FROM profile_role)))
        UNION ALL
        -- Also of PostgreSQL's own: what was given there beside what it comes with.
        SELECT x.grantee, 'SCHEMA', quote_ident(n.nspname), x.privilege_type, NULL, NULL
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
        WHERE n.nspname IN ('pg_catalog', 'pg_toast', 'information_schema') AND x.privilege_type = 'CREATE' AND x.grantee <> n.nspowner
          AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT a.grantee, 'SYSTEM TABLE', a.relid::regclass::text, a.privilege, NULL, NULL
        FROM (
            SELECT c.oid AS relid, 0 AS attnum, x.grantee, x.privilege_type AS type, x.privilege_type AS privilege
            FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
            WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace) AND x.grantee <> c.relowner
            UNION ALL
            SELECT c.oid, a.attnum, x.grantee, x.privilege_type, format('%s (%I)', x.privilege_type, a.attname)
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
            CROSS JOIN LATERAL aclexplode(a.attacl) x
            WHERE c.relnamespace = 'pg_catalog'::regnamespace AND x.grantee <> c.relowner
        ) a
        WHERE a.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
          AND NOT EXISTS (
              SELECT FROM pg_init_privs i CROSS JOIN LATERAL aclexplode(i.initprivs) y
              WHERE i.classoid = 'pg_class'::regclass AND i.objoid = a.relid AND i.objsubid = a.attnum
                AND y.grantee = a.grantee AND y.privilege_type = a.type)
        UNION ALL
        SELECT x.grantee, 'FUNCTION', f.oid::regprocedure::text, x.privilege_type, NULL, NULL
        FROM pg_proc f CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
        WHERE f.prosecdef AND f.pronamespace IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace, 'information_schema'::regnamespace)
          AND x.grantee <> f.proowner AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT x.grantee, 'FUNCTION', f.oid::regprocedure::text, x.privilege_type, 'FUNCTION', format('%I.%I', s.nspname, f.proname)
        FROM pg_proc f
        JOIN governed_schema s ON s.oid = f.pronamespace
        CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
        WHERE f.oid IN (SELECT oid FROM espalier_governance.definer) AND x.grantee <> f.proowner
          AND (x.grantee IN (SELECT role FROM closed)
               OR EXISTS (
                   SELECT FROM profile_role p
                   WHERE p.role = x.grantee AND NOT EXISTS (
                       SELECT FROM espalier_governance.function_access a WHERE a.profile = p.profile AND a.function = f.oid)))
        UNION ALL
        SELECT x.grantee, 'NEW ' || upper(espalier_governance.kinds_of_default(d.defaclobjtype)),
               format('of %I', pg_get_userbyid(d.defaclrole)) || coalesce(' in ' || quote_ident(n.nspname), ''), x.privilege_type,
               CASE
                   WHEN d.defaclnamespace = 0 THEN 'CATALOG'
                   WHEN n.oid IN (SELECT oid FROM governed_schema) THEN 'SCHEMA'
               END, quote_ident(n.nspname)
        FROM pg_default_acl d
        LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        CROSS JOIN LATERAL aclexplode(d.defaclacl) x
        WHERE espalier_governance.kinds_of_default(d.defaclobjtype) IS NOT NULL AND x.grantee <> d.defaclrole
          -- Functions are everybody's where nothing is said, and those that run with their owner's rights are closed one by one.
          AND (d.defaclobjtype IN ('r', 'S', 'L') OR x.grantee <> 0)
          AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT x.grantee, 'DATABASE', quote_ident(d.datname), x.privilege_type, NULL, NULL
        FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) x
        WHERE d.datname = current_database() AND x.privilege_type = 'CREATE' AND x.grantee <> d.datdba
          AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT x.grantee, 'LARGE OBJECT', l.oid::text, x.privilege_type, NULL, NULL
        FROM pg_largeobject_metadata l CROSS JOIN LATERAL aclexplode(l.lomacl) x
        WHERE x.grantee <> l.lomowner AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
        UNION ALL
        SELECT x.grantee, 'FOREIGN SERVER', s.srvname, x.privilege_type, NULL, NULL
        FROM pg_foreign_server s CROSS JOIN LATERAL aclexplode(s.srvacl) x
        WHERE x.grantee <> s.srvowner AND x.grantee IN (SELECT role FROM closed UNION SELECT role FROM profile_role)
    )
    SELECT CASE f.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(f.grantee) END, f.kind, f.object, f.privilege_type, f.securable_type, f.securable_name
    FROM found f
$$;

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
        PERFORM espalier_governance.withdraw_schema(each.nspname, 0, 'CREATE');
    END LOOP;
    FOR each IN
        SELECT f.oid
        FROM pg_proc f JOIN espalier_governance.governed_schema s ON s.oid = f.pronamespace
        WHERE f.oid IN (SELECT oid FROM espalier_governance.definer)
    LOOP
        PERFORM espalier_governance.close_definer(each.oid);
    END LOOP;
    FOR each IN
        SELECT DISTINCT c.oid, x.grantee
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
        WHERE c.relnamespace = 'espalier_secret'::regnamespace AND x.grantee <> c.relowner
          AND (x.grantee = 0 OR pg_get_userbyid(x.grantee) !~ '^espalier_(view_p[0-9a-f]{10}|masker)$')
    LOOP
        PERFORM espalier_governance.withdraw(each.oid, each.grantee);
    END LOOP;
    FOR each IN
        SELECT DISTINCT d.defaclrole, n.nspname, x.grantee, espalier_governance.kinds_of_default(d.defaclobjtype) AS kinds
        FROM pg_default_acl d
        LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        CROSS JOIN LATERAL aclexplode(d.defaclacl) x
        WHERE espalier_governance.kinds_of_default(d.defaclobjtype) IS NOT NULL AND x.grantee <> d.defaclrole
          AND ((x.grantee = 0 AND d.defaclobjtype IN ('r', 'S', 'L')) OR x.grantee IN (SELECT role FROM espalier_governance.governed_role)
               OR x.grantee IN (
                   SELECT r.oid FROM espalier_governance.profile p JOIN pg_roles r ON r.rolname = espalier_governance.profile_role(p.profile)))
    LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON %s FROM %s', pg_get_userbyid(each.defaclrole),
            CASE WHEN each.nspname IS NULL THEN '' ELSE format(' IN SCHEMA %I', each.nspname) END, upper(each.kinds),
            CASE each.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(each.grantee)) END);
    END LOOP;
END $$;

-- Takes privileges that are beside the rules.
CREATE FUNCTION espalier_governance.revoke_beside_the_rules() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
    role oid;
BEGIN
    FOR each IN
        SELECT DISTINCT b.grantee, b.kind, b.object, CASE WHEN b.kind IN ('SYSTEM TABLE', 'SEQUENCE', 'SCHEMA') THEN b.privilege END AS privilege
        FROM espalier_governance.beside_the_rules() b
    LOOP
        role := CASE each.grantee WHEN 'PUBLIC' THEN 0 ELSE quote_ident(each.grantee)::regrole::oid END;
        CASE each.kind
        WHEN 'SYSTEM TABLE', 'SEQUENCE' THEN
            PERFORM espalier_governance.withdraw(each.object::regclass, role, each.privilege);
        WHEN 'TABLE' THEN
            PERFORM espalier_governance.withdraw(each.object::regclass, role);
        WHEN 'SCHEMA' THEN
            PERFORM espalier_governance.withdraw_schema(n.nspname, role, each.privilege) FROM pg_namespace n WHERE n.oid = each.object::regnamespace;
        WHEN 'FUNCTION' THEN
            IF role = 0 THEN
                PERFORM espalier_governance.close_definer(each.object::regprocedure);
            ELSE
                PERFORM espalier_governance.withdraw_routine(each.object::regprocedure, role);
            END IF;
        WHEN 'DATABASE' THEN
            PERFORM espalier_governance.take('CREATE', 'DATABASE ' || each.object, d.datacl, d.datdba, role)
            FROM pg_database d WHERE d.datname = current_database();
        WHEN 'LARGE OBJECT' THEN
            PERFORM espalier_governance.take('ALL', 'LARGE OBJECT ' || each.object, l.lomacl, l.lomowner, role)
            FROM pg_largeobject_metadata l WHERE l.oid = each.object::oid;
        WHEN 'FOREIGN SERVER' THEN
            PERFORM espalier_governance.take('ALL', format('FOREIGN SERVER %I', s.srvname), s.srvacl, s.srvowner, role)
            FROM pg_foreign_server s WHERE s.srvname = each.object;
        ELSE
            NULL;
        END CASE;
    END LOOP;
    PERFORM espalier_governance.close_natively();
    FOR each IN
        SELECT h.profile, h.relid
        FROM espalier_governance.held h
        JOIN pg_class c ON c.oid = h.relid
        JOIN pg_roles r ON r.rolname = espalier_governance.profile_role(h.profile)
        WHERE h.privileges IS DISTINCT FROM (
            SELECT array_agg(x.privilege_type::text ORDER BY x.privilege_type)
            FROM aclexplode(c.relacl) x
            WHERE x.grantee = r.oid)
    LOOP
        -- By the rules of now: there can be a view in its place by now.
        IF EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.profile = each.profile AND k.relid = each.relid) THEN
            PERFORM espalier_governance.hold(each.profile, each.relid, '{}');
        ELSE
            PERFORM espalier_governance.compile_guarded(
                each.profile, each.relid, espalier_governance.has_protected_ancestor(each.profile, each.relid));
        END IF;
    END LOOP;
END $$;

-- What a principal can do who may create in the database, as its owner may, beside what that is for: publish his tables, and make a schema that others
-- look into before their own, because it is called like one of them (search paths begin with "$user"), or like the schema of views that a profile is to
-- have. Whom a policy binds makes none; no event trigger hears of a GRANT on a database.
CREATE FUNCTION espalier_governance.refuse_to_principals() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    SELECT p.pubname AS publication, n.nspname AS schema, pg_get_userbyid(coalesce(p.pubowner, n.nspowner)) AS owner, b.role IS NOT NULL AS bound
    INTO each
    FROM pg_event_trigger_ddl_commands() d
    LEFT JOIN pg_publication p ON d.classid = 'pg_publication'::regclass AND p.oid = d.objid
    LEFT JOIN pg_namespace n ON d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
    JOIN (
        SELECT g.role FROM espalier_governance.governed_role g
        UNION
        SELECT r.oid FROM pg_authid r WHERE r.rolname ~ '^espalier_profile_p[0-9a-f]{10}$') g ON g.role IN (p.pubowner, n.nspowner)
    LEFT JOIN (
        SELECT r.oid AS role
        FROM espalier_governance.subject s
        JOIN espalier_governance.profile f ON f.profile = s.profile AND f.bound
        JOIN pg_authid r ON r.rolname = s.principal
        UNION
        SELECT r.oid FROM pg_authid r WHERE r.rolname ~ '^espalier_profile_p[0-9a-f]{10}$') b ON b.role = g.role
    WHERE p.oid IS NOT NULL
       OR b.role IS NOT NULL
       OR n.nspname ~ '^espalier_' OR n.nspname ~ '__p[0-9a-f]{10}(_w)?$'
       OR EXISTS (SELECT FROM pg_authid r WHERE r.rolname = n.nspname AND r.oid <> n.nspowner)
       OR EXISTS (SELECT FROM espalier_governance.subject s WHERE s.principal = n.nspname AND s.principal <> pg_get_userbyid(n.nspowner))
    LIMIT 1;
    IF each.publication IS NOT NULL THEN
        RAISE EXCEPTION 'publications are not for % to make or have: the catalog governs the database', each.owner
            USING ERRCODE = '42501', HINT = 'Ask who manages the project.';
    ELSIF each.bound THEN
        RAISE EXCEPTION 'schemas are not for % to make or have: whom a policy binds owns nothing here', each.owner
            USING ERRCODE = '42501', HINT = 'Make it on a branch of a mirror that is masked for those whom the policy binds.';
    ELSIF each.schema IS NOT NULL THEN
        RAISE EXCEPTION 'a schema of %''s may not be called %: others look for tables and functions by this name', each.owner, each.schema
            USING ERRCODE = '42501', HINT = 'Give the schema another name: neither another user''s or role''s, nor one of Espalier''s.';
    END IF;
END $$;
