-- Row filters: policies of the tables' own.

-- Whether a policy is as a filtered table has it for those whom no filter is for.
CREATE FUNCTION espalier_governance.is_open(p_policy oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM pg_policy p
        WHERE p.oid = p_policy AND p.polname = 'espalier_open' AND p.polpermissive AND p.polcmd = '*' AND p.polroles = '{0}'
          AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND pg_get_expr(p.polwithcheck, p.polrelid) = 'true')
$$;

-- The expressions as PostgreSQL keeps them: what they call stays the same when its name changes.
CREATE FUNCTION espalier_governance.policy_definition(p_profile text, p_rel oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(c.relrowsecurity::text || CASE WHEN EXISTS (
            SELECT FROM pg_policy o WHERE o.polrelid = c.oid AND o.polname = 'espalier_open' AND NOT espalier_governance.is_open(o.oid))
        THEN 'not open' ELSE '' END || coalesce(string_agg(concat_ws('|',
        p.polname, p.polcmd, p.polpermissive,
        (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END, ',' ORDER BY r) FROM unnest(p.polroles) r),
        p.polqual::text, p.polwithcheck::text), chr(10) ORDER BY p.polname), ''), 'UTF8')), 'hex')
    FROM pg_class c
    LEFT JOIN pg_policy p
        ON p.polrelid = c.oid AND p.polname IN ('espalier_filter_' || p_profile, 'espalier_open_' || p_profile)
    WHERE c.oid = p_rel
    GROUP BY c.oid, c.relrowsecurity
$$;

-- Makes a table's policies for a profile what they should be. Whoever is not governed sees what he saw before, and a profile nothing that
-- row security of the table's own hides: earlier versions had a policy espalier_open_PROFILE for that. Takes the table's strongest lock, and
-- only if something changes. Where that is kept, the error names the table.
CREATE FUNCTION espalier_governance.compile_filter(p_profile text, p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept record;
BEGIN
    PERFORM espalier_governance.make_policies(p_profile, p_rel);
EXCEPTION WHEN lock_not_available THEN
    SELECT n.nspname, c.relname INTO kept FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = p_rel;
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = SQLERRM, SCHEMA = kept.nspname, TABLE = kept.relname;
END $$;

CREATE FUNCTION espalier_governance.open_to_all(p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE POLICY espalier_open ON %s FOR ALL TO PUBLIC USING (true) WITH CHECK (true)', p_rel::regclass);
END $$;

CREATE FUNCTION espalier_governance.make_policies(p_profile text, p_rel oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    r record;
    wanted text;
    view_role name := espalier_governance.view_role(p_profile);
    profile_role name := espalier_governance.profile_role(p_profile);
    opened boolean;
    opened_to_profile boolean;
BEGIN
    SELECT * INTO r FROM espalier_governance.governed_relation WHERE oid = p_rel AND relkind IN ('r', 'p');
    IF NOT FOUND THEN
        DELETE FROM espalier_governance.compiled_filter WHERE profile = p_profile AND relid = p_rel;
        RETURN;
    END IF;
    SELECT espalier_governance.rendered(p_rel, f.expression, '') INTO wanted
    FROM espalier_governance.filter f WHERE f.profile = p_profile AND f.relid = p_rel;
    opened_to_profile := EXISTS (SELECT FROM pg_policy WHERE polrelid = p_rel AND polname = 'espalier_open_' || p_profile);
    IF NOT opened_to_profile AND EXISTS (
            SELECT FROM espalier_governance.compiled_filter f
            WHERE f.profile = p_profile AND f.relid = p_rel AND f.expression = wanted
              AND f.definition = espalier_governance.policy_definition(p_profile, p_rel)) THEN
        RETURN;
    END IF;
    opened := EXISTS (SELECT FROM pg_policy WHERE polrelid = p_rel AND polname = 'espalier_open');
    IF wanted IS NOT NULL AND EXISTS (
            SELECT FROM pg_policy o WHERE o.polrelid = p_rel AND o.polname = 'espalier_open' AND NOT espalier_governance.is_open(o.oid)) THEN
        EXECUTE format('DROP POLICY espalier_open ON %s', p_rel::regclass);
        PERFORM espalier_governance.open_to_all(p_rel);
    END IF;
    IF opened_to_profile OR EXISTS (
            SELECT FROM pg_policy WHERE polrelid = p_rel AND polname = 'espalier_filter_' || p_profile) THEN
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', 'espalier_filter_' || p_profile, p_rel::regclass);
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', 'espalier_open_' || p_profile, p_rel::regclass);
    END IF;
    DELETE FROM espalier_governance.compiled_filter WHERE profile = p_profile AND relid = p_rel;
    IF wanted IS NULL THEN
        IF opened AND NOT EXISTS (
                SELECT FROM pg_policy WHERE polrelid = p_rel AND polname LIKE 'espalier\_filter\_%') THEN
            EXECUTE format('DROP POLICY espalier_open ON %s', p_rel::regclass);
            EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', p_rel::regclass);
        END IF;
        RETURN;
    END IF;
    IF NOT r.relrowsecurity THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_rel::regclass);
        IF NOT opened THEN
            PERFORM espalier_governance.open_to_all(p_rel);
        END IF;
    END IF;
    EXECUTE format('CREATE POLICY %I ON %s AS RESTRICTIVE FOR ALL TO %I, %I USING (%s) WITH CHECK (%s)',
        'espalier_filter_' || p_profile, p_rel::regclass, view_role, profile_role, wanted, wanted);
    IF EXISTS (
            SELECT FROM pg_policy p
            JOIN espalier_governance.unsafe_call u ON u.class = 'pg_policy'::regclass AND u.object = p.oid
            WHERE p.polrelid = p_rel AND p.polname = 'espalier_filter_' || p_profile) THEN
        RAISE EXCEPTION 'a filter function is not bound: make it LANGUAGE sql with BEGIN ATOMIC, or give it a search_path of its own that ends in pg_temp, and standard_conforming_strings = on where its text has a backslash; neither volatile nor SECURITY DEFINER, and without RAISE and ASSERT';
    END IF;
    INSERT INTO espalier_governance.compiled_filter (profile, relid, expression, definition)
    VALUES (p_profile, p_rel, wanted, espalier_governance.policy_definition(p_profile, p_rel));
END $$;

-- Where tables' policies are not what the filters come to: there they are made anew, and the table's strongest lock is needed.
CREATE FUNCTION espalier_governance.changed_filters(p_profiles text[], p_relations oid[], p_expressions text[])
RETURNS TABLE (profile text, relid oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(w.profile, f.profile), coalesce(w.relid, f.relid)
    FROM (
        SELECT u.profile, u.relid, u.expression
        FROM unnest(p_profiles, p_relations, p_expressions) u (profile, relid, expression)
        JOIN pg_class c ON c.oid = u.relid AND c.relkind IN ('r', 'p')
    ) w
    FULL JOIN espalier_governance.compiled_filter f ON f.profile = w.profile AND f.relid = w.relid
    WHERE f.expression IS DISTINCT FROM espalier_governance.rendered(w.relid, w.expression, '')
       OR f.definition IS DISTINCT FROM espalier_governance.policy_definition(w.profile, w.relid)
$$;
