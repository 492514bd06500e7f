-- The probe, and the hash over all that is compiled.

-- As with views: whether any row of it has been changed tells faster than what it is.
CREATE FUNCTION espalier_governance.machinery_versions() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT md5(string_agg(x.version, ',' ORDER BY x.version))
    FROM (
        SELECT concat_ws(' ', f.oid, f.xmin, pg_get_userbyid(f.proowner)) AS version
        FROM pg_proc f
        WHERE f.pronamespace IN ('espalier_governance'::regnamespace, 'espalier_mask'::regnamespace)
        UNION ALL
        SELECT concat_ws(' ', c.oid, c.xmin, w.xmin)
        FROM pg_class c JOIN pg_rewrite w ON w.ev_class = c.oid
        WHERE c.relnamespace = 'espalier_governance'::regnamespace AND c.relkind = 'v'
    ) x
$$;

CREATE FUNCTION espalier_governance.machinery() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(string_agg(x.text, chr(10) ORDER BY x.text), 'UTF8')), 'hex')
    FROM (
        SELECT pg_get_functiondef(f.oid) || pg_get_userbyid(f.proowner) || coalesce(f.proacl::text, '') AS text
        FROM pg_proc f
        WHERE f.pronamespace IN ('espalier_governance'::regnamespace, 'espalier_mask'::regnamespace)
        UNION ALL
        SELECT c.relname || pg_get_viewdef(c.oid)
        FROM pg_class c WHERE c.relnamespace = 'espalier_governance'::regnamespace AND c.relkind = 'v'
    ) x
$$;

-- Every row is a reason to let nobody in. What it asks for one relation after the other is planned once.
CREATE FUNCTION espalier_governance.probe() RETURNS TABLE (finding text, subject text, detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
    WITH RECURSIVE profile AS MATERIALIZED (
        SELECT p.profile, p.bound, r.oid AS role, v.oid AS view_role
        FROM espalier_governance.profile p
        LEFT JOIN pg_authid r ON r.rolname = espalier_governance.profile_role(p.profile)
        LEFT JOIN pg_authid v ON v.rolname = espalier_governance.view_role(p.profile)
    ),
    -- Once, because a view of four catalogs takes longer to plan than to read.
    governed AS MATERIALIZED (
        SELECT g.oid, g.nspname, g.relname, g.relkind, g.relowner, g.relrowsecurity FROM espalier_governance.governed_relation g
    ),
    masked AS MATERIALIZED (
        SELECT m.profile, m.relid, m.attnum FROM espalier_governance.masked_column m
    ),
    protected AS MATERIALIZED (
        SELECT m.profile, m.relid, true AS itself FROM masked m
        UNION
        SELECT r.profile, r.relid, true FROM espalier_governance.relation_access r WHERE r.closed IS NOT NULL
        UNION
        SELECT p.profile, p.relid, true FROM espalier_governance.closed_by_part p
        UNION
        -- A row filter alone is PostgreSQL's own to hold, on the table itself.
        SELECT f.profile, f.relid, g.relkind NOT IN ('r', 'p')
        FROM espalier_governance.filter f JOIN governed g ON g.oid = f.relid
    ),
    above (relid, ancestor) AS (
        SELECT i.inhrelid, i.inhparent FROM pg_inherits i
        UNION
        SELECT a.relid, i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.ancestor
    ),
    made_of (relid, source) AS (
        SELECT w.ev_class, d.refobjid
        FROM governed g
        JOIN pg_rewrite w ON w.ev_class = g.oid AND w.ev_type = '1'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid <> w.ev_class
        WHERE g.relkind IN ('v', 'm')
        UNION
        SELECT m.relid, d.refobjid
        FROM made_of m
        JOIN pg_rewrite w ON w.ev_class = m.source AND w.ev_type = '1'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid <> w.ev_class
    ),
    -- Relations that a profile may have no privilege on, whatever the reason.
    raw AS MATERIALIZED (
        SELECT p.profile, p.relid FROM protected p WHERE p.itself
        UNION
        SELECT p.profile, a.relid FROM protected p JOIN above a ON a.ancestor = p.relid
        UNION
        SELECT p.profile, m.relid FROM protected p JOIN made_of m ON m.source = p.relid
        UNION
        SELECT p.profile, m.relid FROM protected p JOIN above a ON a.ancestor = p.relid JOIN made_of m ON m.source = a.relid
    ),
    part AS MATERIALIZED (
        SELECT DISTINCT p.profile, a.relid FROM protected p JOIN above a ON a.ancestor = p.relid
    )
    SELECT u.finding, u.subject, u.detail
    FROM espalier_governance.unsettled(NULL) u
    -- Who has no way in keeps what he owns, and has no profile.
    WHERE NOT (u.finding IN ('owner', 'no profile') AND EXISTS (
        SELECT FROM espalier_governance.shut_out s
        JOIN pg_authid r ON r.rolname = s.principal AND NOT r.rolcanlogin
        WHERE s.principal = u.subject::name AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.usesysid = r.oid)))
    UNION ALL
    SELECT 'grant', b.grantee::text, format('%s on %s %s', b.privilege, lower(b.kind), b.object)
    FROM espalier_governance.beside_the_rules() b
    UNION ALL
    SELECT 'profile role', p.profile, 'missing, or may sign in, or has rights of its own'
    FROM profile p
    LEFT JOIN pg_authid r ON r.oid = p.role
    LEFT JOIN pg_authid v ON v.oid = p.view_role
    WHERE p.role IS NULL OR p.view_role IS NULL OR r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication
       OR v.rolcanlogin OR v.rolsuper OR v.rolbypassrls OR v.rolcreaterole OR v.rolreplication
       OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member IN (p.role, p.view_role))
    UNION ALL
    -- Row filters do not hold for who owns the table.
    SELECT 'owner', p.profile, o.object FROM profile p CROSS JOIN LATERAL espalier_governance.owned_by(p.role) o
    UNION ALL
    SELECT 'owner', p.profile, format('%I.%I', g.nspname, g.relname) FROM governed g JOIN profile p ON p.view_role = g.relowner
    UNION ALL
    SELECT 'view role', pg_get_userbyid(m.member)::text, r.rolname::text
    FROM pg_auth_members m JOIN pg_authid r ON r.oid = m.roleid
    WHERE r.rolname ~ '^espalier_(view_p[0-9a-f]{10}|keeper|masker)$'
    UNION ALL
    SELECT 'raw privilege', r.profile, format('%I.%I', g.nspname, g.relname)
    FROM raw r
    JOIN profile p ON p.profile = r.profile AND p.role IS NOT NULL
    JOIN governed g ON g.oid = r.relid
    WHERE has_any_column_privilege(p.role, g.oid, 'SELECT, UPDATE, INSERT, REFERENCES')
       OR has_table_privilege(p.role, g.oid, 'DELETE, TRIGGER, TRUNCATE')
    UNION ALL
    -- What a profile holds was written down by who gave it, and the frame says what that may be.
    SELECT 'held', h.profile, format('%s on %s', array_to_string(h.privileges, ', '), h.relid::regclass)
    FROM espalier_governance.held h
    JOIN governed g ON g.oid = h.relid
    LEFT JOIN espalier_governance.relation_access a ON a.profile = h.profile AND a.relid = h.relid
    WHERE a.closed IS NOT NULL OR a.reads IS NOT TRUE OR (h.privileges <> '{SELECT}' AND NOT a.writes)
    UNION ALL
    SELECT 'write view', k.profile, k.write_view::regclass || '.' || w.attname
    FROM espalier_governance.compiled k
    JOIN profile p ON p.profile = k.profile
    JOIN pg_class c ON c.oid = k.write_view
    JOIN masked m ON m.profile = k.profile AND m.relid = k.relid
    JOIN pg_attribute a ON a.attrelid = k.relid AND a.attnum = m.attnum
    JOIN pg_attribute w ON w.attrelid = k.write_view AND w.attname = a.attname
    WHERE has_column_privilege(p.role, k.write_view, w.attnum, 'SELECT') OR has_column_privilege(p.role, k.write_view, w.attnum, 'UPDATE')
    UNION ALL
    SELECT 'not compiled', a.profile, format('%I.%I', g.nspname, g.relname)
    FROM espalier_governance.relation_access a
    JOIN governed g ON g.oid = a.relid
    WHERE a.reads AND a.closed IS NULL
      AND (a.profile, a.relid) IN (SELECT r.profile, r.relid FROM protected r WHERE r.itself)
      AND (a.profile, a.relid) NOT IN (SELECT r.profile, r.relid FROM part r)
      AND (a.profile, a.relid) NOT IN (SELECT p.profile, p.relid FROM espalier_governance.closed_by_part p)
      AND NOT EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.profile = a.profile AND k.relid = a.relid)
      AND NOT EXISTS (SELECT FROM espalier_governance.failure f WHERE f.profile = a.profile AND f.relid = a.relid)
    UNION ALL
    SELECT 'view changed', k.profile, k.relid::regclass::text
    FROM espalier_governance.compiled k
    LEFT JOIN espalier_governance.compiled_version v ON v.profile = k.profile AND v.relid = k.relid
    -- In this order: to put a definition together takes long.
    WHERE CASE WHEN k.versions IS DISTINCT FROM v.versions
        THEN k.definition IS DISTINCT FROM espalier_governance.definition(k.view, k.write_view) END
    UNION ALL
    SELECT 'view changed', k.profile, format('%s is made of %s, which is out of use', k.relid::regclass, r.view::regclass)
    FROM espalier_governance.retired_view r
    -- One by one, by an index: nearly always there are none.
    CROSS JOIN LATERAL (
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = r.view AND d.classid = 'pg_rewrite'::regclass OFFSET 0) d
    JOIN pg_rewrite w ON w.oid = d.objid
    JOIN espalier_governance.compiled k ON k.view = w.ev_class
    UNION ALL
    SELECT 'view schema', n.nspname, c.relname
    FROM espalier_governance.view_schema s
    JOIN pg_namespace n ON n.nspname = s.name
    JOIN pg_class c ON c.relnamespace = n.oid
    WHERE c.oid NOT IN (
            SELECT k.view FROM espalier_governance.compiled k
            UNION ALL SELECT k.write_view FROM espalier_governance.compiled k WHERE k.write_view IS NOT NULL)
      AND NOT (c.relacl IS NULL AND c.oid IN (SELECT r.view FROM espalier_governance.retired_view r))
    UNION ALL
    SELECT 'unsafe function', k.profile, u.function::regprocedure::text
    FROM espalier_governance.unsafe_call u
    JOIN pg_rewrite w ON u.class = 'pg_rewrite'::regclass AND w.oid = u.object
    JOIN espalier_governance.compiled k ON k.view = w.ev_class
    JOIN governed g ON g.oid = k.relid
    WHERE g.relkind <> 'v' OR u.function = ANY (k.calls)
    UNION ALL
    SELECT 'unsafe function', y.polrelid::regclass::text, u.function::regprocedure::text
    FROM espalier_governance.unsafe_call u
    JOIN pg_policy y ON u.class = 'pg_policy'::regclass AND y.oid = u.object
    JOIN espalier_governance.compiled_filter f ON f.relid = y.polrelid AND y.polname = 'espalier_filter_' || f.profile
    UNION ALL
    SELECT 'loose code', l.profile, format('writing %s runs %s', l.relid::regclass, l.function::regprocedure)
    FROM espalier_governance.loose_code_in_use() l
    UNION ALL
    SELECT 'telling key', k.profile, format('to %s %s changes %s', k.how, k.relid::regclass, k.told::regclass)
    FROM (SELECT DISTINCT t.profile, t.relid, t.how, t.told FROM espalier_governance.telling_keys_in_use() t) k
    UNION ALL
    SELECT 'write view', k.profile, format('%s of %s tells what is masked', a.attname, k.relid::regclass)
    FROM espalier_governance.written_by_bound w
    JOIN espalier_governance.compiled k ON k.profile = w.profile AND k.relid = w.relid
    JOIN profile p ON p.profile = k.profile
    CROSS JOIN LATERAL espalier_governance.telling_columns(k.profile, k.relid) t (attname)
    JOIN pg_attribute a ON a.attrelid = coalesce(k.write_view, k.view) AND a.attname = t.attname
    WHERE has_column_privilege(p.role, a.attrelid, a.attnum, 'UPDATE')
    UNION ALL
    SELECT 'loose code', p.profile, format('reading %s runs %s', l.relid::regclass, l.function::regprocedure)
    FROM espalier_governance.loose_policies() l
    JOIN (SELECT m.profile, m.relid FROM masked m UNION SELECT f.profile, f.relid FROM espalier_governance.filter f) p ON p.relid = l.relid
    WHERE EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.profile = p.profile AND k.relid = p.relid)
       OR EXISTS (SELECT FROM espalier_governance.held h WHERE h.profile = p.profile AND h.relid = p.relid)
    UNION ALL
    SELECT 'loose code', l.profile, format('reading %s runs %s', l.relid::regclass, l.function::regprocedure)
    FROM (
        SELECT array_agg(p.profile) AS profiles, array_agg(p.relid) AS relations
        FROM (SELECT m.profile, m.relid FROM masked m UNION SELECT f.profile, f.relid FROM espalier_governance.filter f) p
        JOIN governed g ON g.oid = p.relid AND g.relkind = 'v'
        JOIN espalier_governance.compiled k ON k.profile = p.profile AND k.relid = p.relid) v
    CROSS JOIN LATERAL espalier_governance.loose_reading(v.profiles, v.relations) l
    UNION ALL
    SELECT 'view owner', u.profile, format('%s: %s', u.relid::regclass, espalier_governance.unread_below(u.profile, u.relid))
    FROM espalier_governance.views_of_unread() u
    JOIN espalier_governance.compiled k ON k.profile = u.profile AND k.relid = u.relid
    JOIN profile p ON p.profile = u.profile AND p.role IS NOT NULL AND has_any_column_privilege(p.role, k.view, 'SELECT')
    UNION ALL
    SELECT 'changed function', u.function::regprocedure::text, 'it is not what it was when policies that call it were compiled'
    FROM espalier_governance.function_in_use u
    WHERE u.hash IS DISTINCT FROM espalier_governance.function_hash(u.function)
      AND EXISTS (SELECT FROM espalier_governance.called_function c WHERE c.function = u.function)
    UNION ALL
    SELECT 'rule', p.profile, format('%I.%I', g.nspname, g.relname)
    FROM governed g
    JOIN pg_rewrite w ON w.ev_class = g.oid AND w.ev_type <> '1'
    JOIN profile p ON p.role IS NOT NULL AND has_any_column_privilege(p.role, g.oid, 'INSERT, UPDATE')
    WHERE espalier_governance.rule_reaching_protected(p.profile, g.oid) IS NOT NULL
    UNION ALL
    SELECT 'extension', g.relname::text, 'a table that was governed before has become a part of an extension'
    FROM pg_depend d
    JOIN espalier_governance.relation_access a ON a.relid = d.objid
    JOIN pg_class g ON g.oid = d.objid
    WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'
    UNION ALL
    SELECT 'row filter', f.profile, f.relid::regclass::text
    FROM espalier_governance.filter f
    JOIN governed g ON g.oid = f.relid AND g.relkind IN ('r', 'p')
    WHERE NOT EXISTS (
            SELECT FROM espalier_governance.compiled_filter c
            WHERE c.profile = f.profile AND c.relid = f.relid AND g.relrowsecurity
              AND EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = f.relid AND y.polname = 'espalier_filter_' || f.profile)
              AND c.definition = espalier_governance.policy_definition(f.profile, f.relid))
      AND NOT EXISTS (SELECT FROM espalier_governance.failure x WHERE x.profile = f.profile AND x.relid = f.relid)
      AND NOT EXISTS (SELECT FROM espalier_governance.relation_access a WHERE a.profile = f.profile AND a.relid = f.relid AND a.closed IS NOT NULL)
    UNION ALL
    SELECT 'row security', k.profile, format('the policy %I of %s is not for who reads %s', y.polname, y.polrelid::regclass, k.relid::regclass)
    FROM espalier_governance.policy_by_name y
    JOIN espalier_governance.profile_member b ON b.role = y.role
    CROSS JOIN LATERAL (
        SELECT y.polrelid AS relid UNION ALL SELECT m.relid FROM made_of m WHERE m.source = y.polrelid OFFSET 0) m
    JOIN espalier_governance.compiled k ON k.profile = b.profile AND k.relid = m.relid
    JOIN profile p ON p.profile = k.profile AND p.role IS NOT NULL AND has_any_column_privilege(p.role, k.view, 'SELECT')
    UNION ALL
    SELECT 'failed and open', f.profile, format('%I.%I: %s', g.nspname, g.relname, f.message)
    FROM espalier_governance.failure f
    JOIN profile p ON p.profile = f.profile
    JOIN governed g ON g.oid = f.relid
    WHERE (p.role IS NOT NULL AND has_any_column_privilege(p.role, g.oid, 'SELECT'))
       OR EXISTS (SELECT FROM espalier_governance.compiled k WHERE k.profile = f.profile AND k.relid = f.relid)
    UNION ALL
    SELECT 'hook', h.name, coalesce('enabled: ' || e.evtenabled::text, 'missing')
    FROM (VALUES ('espalier_start', 'ddl_command_start', 'on_start'), ('espalier_end', 'ddl_command_end', 'on_end'), ('espalier_drop', 'sql_drop', 'on_drop')) h (name, event, function)
    LEFT JOIN pg_event_trigger e ON e.evtname = h.name
    LEFT JOIN pg_proc f ON f.oid = e.evtfoid
    WHERE e.evtenabled IS DISTINCT FROM 'A' OR e.evtevent <> h.event OR e.evttags IS NOT NULL
       OR f.proname <> h.function OR f.pronamespace <> 'espalier_governance'::regnamespace
    UNION ALL
    SELECT 'hook', 'espalier_commit', 'missing, or not enabled'
    WHERE NOT EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = 'espalier_governance.adopted'::regclass AND t.tgname = 'espalier_commit' AND t.tgenabled = 'A'
          AND t.tginitdeferred AND t.tgfoid = 'espalier_governance.on_commit()'::regprocedure)
    UNION ALL
    SELECT 'machinery', 'espalier_governance', 'the functions are not those that were installed'
    FROM espalier_governance.state s
    WHERE CASE WHEN s.machinery_versions <> espalier_governance.machinery_versions() THEN s.machinery <> espalier_governance.machinery() END
    UNION ALL
    SELECT 'frame', 'espalier_governance', 'what the rules came to has been changed here' WHERE NOT espalier_governance.rows_are_kept()
    UNION ALL
    SELECT 'secret', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), c.relname
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x
    WHERE c.relnamespace IN ('espalier_secret'::regnamespace, 'espalier_governance'::regnamespace) AND x.grantee <> c.relowner
      AND NOT (c.relname = 'key' AND x.privilege_type = 'SELECT' AND NOT x.is_grantable AND x.grantee <> 0
               AND pg_get_userbyid(x.grantee) ~ '^espalier_(view_p[0-9a-f]{10}|masker)$')
    UNION ALL
    SELECT 'secret', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), n.nspname
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x
    WHERE n.nspname IN ('espalier_secret', 'espalier_governance') AND x.grantee <> n.nspowner
      AND NOT (n.nspname = 'espalier_secret' AND x.privilege_type = 'USAGE' AND x.grantee <> 0
               AND pg_get_userbyid(x.grantee) ~ '^espalier_(view_p[0-9a-f]{10}|masker)$')
    UNION ALL
    -- Whose code would run as Espalier, or who could give away what is in there.
    SELECT 'secret', r.rolname::text, x.name
    FROM (
        SELECT n.nspowner AS owner, n.nspname::text AS name
        FROM pg_namespace n
        WHERE n.nspname IN ('espalier_secret', 'espalier_governance', 'espalier_mask')
        UNION ALL
        SELECT c.relowner, c.oid::regclass::text
        FROM pg_class c
        WHERE c.relnamespace IN ('espalier_secret'::regnamespace, 'espalier_governance'::regnamespace)
    ) x
    JOIN pg_authid r ON r.oid = x.owner AND NOT r.rolsuper
    UNION ALL
    SELECT 'dangerous function', coalesce(nullif(d.grantee, 0)::regrole::text, 'PUBLIC'), d.function::regprocedure::text
    FROM espalier_governance.dangerous_grant d
    UNION ALL
    SELECT 'language', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), l.lanname
    FROM pg_language l CROSS JOIN LATERAL aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) x
    -- PostgreSQL gives nobody a language that is not trusted, whatever its grants are.
    WHERE l.lanname IN ('c', 'internal', 'plpythonu', 'plpython2u', 'plpython3u', 'plperlu', 'pltclu') AND l.lanpltrusted AND x.grantee <> l.lanowner
    UNION ALL
    SELECT 'server version', 'server', current_setting('server_version')
    FROM (SELECT current_setting('server_version_num')::integer AS number) v
    WHERE v.number < CASE v.number / 10000 WHEN 15 THEN 150014 WHEN 16 THEN 160010 WHEN 17 THEN 170006 ELSE 180000 END
$$;

-- All that is compiled, in one number.
CREATE FUNCTION espalier_governance.frame_hash() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(x.line, chr(10) ORDER BY x.line), ''), 'UTF8')), 'hex')
    FROM (
        SELECT concat_ws('|', 'state', s.catalog, s.epoch, s.frame, s.rows, s.machinery) AS line FROM espalier_governance.state s
        UNION ALL
        SELECT concat_ws('|', 'view', k.profile, k.relid::regclass, k.definition) FROM espalier_governance.compiled k
        UNION ALL
        SELECT concat_ws('|', 'filter', f.profile, f.relid::regclass, f.definition) FROM espalier_governance.compiled_filter f
        UNION ALL
        SELECT concat_ws('|', 'function', u.function::regprocedure, u.hash) FROM espalier_governance.function_in_use u
        UNION ALL
        SELECT concat_ws('|', 'held', h.profile, h.relid::regclass, h.privileges::text) FROM espalier_governance.held h
        UNION ALL
        SELECT concat_ws('|', 'subject', s.principal, s.profile) FROM espalier_governance.subject s
    ) x
$$;
