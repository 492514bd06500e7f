-- Roles of profiles, and what they hold.

-- A function, aggregate or procedure as GRANT, REVOKE and ALTER find it, and no other. ROUTINE would find a function and a procedure alike where what one
-- takes is what the other gives, and a procedure is found by what it takes where its modes are said.
CREATE FUNCTION espalier_governance.routine(p_routine oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE f.prokind
        WHEN 'p' THEN format('PROCEDURE %I.%I(%s)', n.nspname, f.proname, (
            SELECT string_agg('IN ' || format_type(u.type, NULL), ', ' ORDER BY u.ord) FROM unnest(f.proargtypes) WITH ORDINALITY u (type, ord)))
        ELSE 'FUNCTION ' || f.oid::regprocedure
    END
    FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE f.oid = p_routine
$$;

-- What a role (0 for everybody) was given is taken from it, by whomever that was. PostgreSQL takes only what the owner gave: what others gave goes with their
-- option to give it, which is taken from those who have it of the owner.
CREATE FUNCTION espalier_governance.take(p_privileges text, p_object text, p_acl aclitem[], p_owner oid, p_role oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    giver record;
BEGIN
    FOR giver IN
        WITH RECURSIVE given AS MATERIALIZED (
            SELECT DISTINCT x.grantor, x.grantee FROM aclexplode(p_acl) x WHERE x.grantor <> x.grantee
        ),
        above (role) AS (
            SELECT g.grantor FROM given g WHERE g.grantee = p_role AND g.grantor <> p_owner
            UNION
            SELECT g.grantor FROM above a JOIN given g ON g.grantee = a.role AND g.grantor <> p_owner
        )
        SELECT a.role FROM above a JOIN given g ON g.grantee = a.role AND g.grantor = p_owner
    LOOP
        EXECUTE format('REVOKE GRANT OPTION FOR %s ON %s FROM %I CASCADE', p_privileges, p_object, pg_get_userbyid(giver.role));
    END LOOP;
    EXECUTE format('REVOKE %s ON %s FROM %s CASCADE', p_privileges, p_object,
        CASE WHEN p_role = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(p_role)) END);
END $$;

-- Takes from a role whatever it was given on a relation and its columns, or a privilege of that.
CREATE FUNCTION espalier_governance.withdraw(p_rel oid, p_role oid, p_privileges text DEFAULT 'ALL') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c record;
BEGIN
    SELECT x.relowner, CASE x.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE '' END || x.oid::regclass AS object,
           (SELECT array_agg(e.item)
            FROM (
                SELECT unnest(x.relacl) UNION ALL SELECT unnest(a.attacl) FROM pg_attribute a WHERE a.attrelid = x.oid AND a.attacl IS NOT NULL) e (item)) AS acl
    INTO STRICT c
    FROM pg_class x WHERE x.oid = p_rel;
    PERFORM espalier_governance.take(p_privileges, c.object, c.acl, c.relowner, p_role);
END $$;

CREATE FUNCTION espalier_governance.withdraw_schema(p_schema name, p_role oid, p_privileges text DEFAULT 'ALL') RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT espalier_governance.take(p_privileges, format('SCHEMA %I', n.nspname), n.nspacl, n.nspowner, p_role)
    FROM pg_namespace n WHERE n.nspname = p_schema
$$;

CREATE FUNCTION espalier_governance.withdraw_routine(p_routine oid, p_role oid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT espalier_governance.take('ALL', espalier_governance.routine(f.oid), f.proacl, f.proowner, p_role)
    FROM pg_proc f WHERE f.oid = p_routine
$$;

-- Gives a profile's role exactly these privileges on a relation.
CREATE FUNCTION espalier_governance.hold(p_profile text, p_rel oid, p_privileges text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    role regrole := quote_ident(espalier_governance.profile_role(p_profile))::regrole;
    has text[];
    on_columns boolean;
BEGIN
    SELECT coalesce(array_agg(x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END ORDER BY x.privilege_type), '{}')
    INTO has
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
    WHERE c.oid = p_rel AND x.grantee = role;
    on_columns := EXISTS (
        SELECT FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) x
        WHERE a.attrelid = p_rel AND x.grantee = role);
    IF has <> p_privileges OR on_columns THEN
        PERFORM espalier_governance.withdraw(p_rel, role);
        IF cardinality(p_privileges) > 0 THEN
            EXECUTE format('GRANT %s ON %s TO %s', array_to_string(p_privileges, ', '), p_rel::regclass, role);
        END IF;
    END IF;
    DELETE FROM espalier_governance.held WHERE profile = p_profile AND relid = p_rel;
    IF cardinality(p_privileges) > 0 THEN
        INSERT INTO espalier_governance.held (profile, relid, privileges) VALUES (p_profile, p_rel, p_privileges);
    END IF;
END $$;

-- Sequences that fill columns of the relations give their numbers to the profiles that write these now, and to no others any more.
CREATE FUNCTION espalier_governance.lend_sequences(p_profiles text[], p_relations oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT s.oid, r.rolname, x.writes
        FROM unnest(p_profiles, p_relations) u (profile, relid)
        JOIN pg_roles r ON r.rolname = espalier_governance.profile_role(u.profile)
        JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = u.relid
            AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        CROSS JOIN LATERAL (
            SELECT EXISTS (
                    SELECT FROM espalier_governance.held h
                    WHERE h.profile = u.profile AND h.relid = u.relid AND 'INSERT' = ANY (h.privileges))
                OR EXISTS (
                    SELECT FROM espalier_governance.compiled k
                    JOIN pg_class v ON v.oid = k.view
                    CROSS JOIN LATERAL aclexplode(v.relacl) a
                    WHERE k.profile = u.profile AND k.relid = u.relid AND a.grantee = r.oid AND a.privilege_type = 'INSERT') AS writes,
                EXISTS (
                    SELECT FROM aclexplode(s.relacl) a WHERE a.grantee = r.oid AND a.privilege_type = 'USAGE') AS has) x
        WHERE x.writes <> x.has
    LOOP
        IF each.writes THEN
            EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', each.oid::regclass, each.rolname);
        ELSE
            PERFORM espalier_governance.withdraw(each.oid, quote_ident(each.rolname)::regrole);
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION espalier_governance.hold_schema(p_role name, p_schema name, p_privileges text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    has text[];
BEGIN
    SELECT coalesce(array_agg(x.privilege_type::text ORDER BY x.privilege_type), '{}') INTO has
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
    WHERE n.nspname = p_schema AND x.grantee = quote_ident(p_role)::regrole;
    IF has <> p_privileges THEN
        PERFORM espalier_governance.withdraw_schema(p_schema, quote_ident(p_role)::regrole);
        IF cardinality(p_privileges) > 0 THEN
            EXECUTE format('GRANT %s ON SCHEMA %I TO %I', array_to_string(p_privileges, ', '), p_schema, p_role);
        END IF;
    END IF;
END $$;

-- A role that nobody signs in as, and that has nothing by itself.
CREATE FUNCTION espalier_governance.make_role(p_role name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r record;
    each record;
BEGIN
    SELECT * INTO r FROM pg_roles WHERE rolname = p_role;
    IF NOT FOUND THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', p_role);
        RETURN;
    END IF;
    IF r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION', p_role);
    END IF;
    FOR each IN
        SELECT pg_get_userbyid(m.roleid) AS role, pg_get_userbyid(m.member) AS member, g.rolname AS grantor
        FROM pg_auth_members m LEFT JOIN pg_roles g ON g.oid = m.grantor
        WHERE m.member = r.oid OR (m.roleid = r.oid AND p_role !~ '^espalier_profile_')
    LOOP
        PERFORM espalier_governance.revoke_role(each.role, each.member, each.grantor);
    END LOOP;
END $$;

-- Takes a membership away, whoever gave it.
CREATE FUNCTION espalier_governance.revoke_role(p_role name, p_member name, p_grantor name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
BEGIN
    EXECUTE format('REVOKE %I FROM %I%s CASCADE', p_role, p_member, CASE
        WHEN p_grantor IS NOT NULL AND current_setting('server_version_num')::integer >= 160000 THEN format(' GRANTED BY %I', p_grantor)
        ELSE ''
    END);
END $$;

-- Sequences that belong to no column, as ORMs number by: they are for whoever may write in the whole schema.
CREATE FUNCTION espalier_governance.hold_free_sequences(p_profile text, p_schema oid, p_uses boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    role regrole := quote_ident(espalier_governance.profile_role(p_profile))::regrole;
    each record;
BEGIN
    FOR each IN
        SELECT s.oid, EXISTS (SELECT FROM aclexplode(s.relacl) x WHERE x.grantee = role AND x.privilege_type = 'USAGE') AS has
        FROM pg_class s
        WHERE s.relnamespace = p_schema AND s.relkind = 'S'
          AND NOT EXISTS (
              SELECT FROM pg_depend d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i', 'e'))
    LOOP
        IF p_uses AND NOT each.has THEN
            EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %s', each.oid::regclass, role);
        ELSIF each.has AND NOT p_uses THEN
            PERFORM espalier_governance.withdraw(each.oid, role);
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION espalier_governance.lend_schemas(p_profile text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT s.oid, s.nspname, a.uses, a.creates, a.writes
        FROM espalier_governance.governed_schema s
        CROSS JOIN LATERAL (
            SELECT * FROM espalier_governance.schema_access x
            WHERE x.profile = p_profile AND x.schema IN (s.nspname, '')
            ORDER BY x.schema DESC LIMIT 1) a
    LOOP
        PERFORM espalier_governance.hold_schema(espalier_governance.profile_role(p_profile), each.nspname,
            CASE WHEN each.uses AND each.creates THEN '{CREATE,USAGE}'::text[] WHEN each.uses THEN '{USAGE}' ELSE '{}' END);
        PERFORM espalier_governance.hold_schema(espalier_governance.view_role(p_profile), each.nspname, '{USAGE}');
        PERFORM espalier_governance.hold_free_sequences(p_profile, each.oid, each.uses AND each.writes);
    END LOOP;
END $$;
