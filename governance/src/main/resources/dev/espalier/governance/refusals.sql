-- What a statement in a branch cannot do, because it is the catalog's to say. Within the statement's own transaction, in the hook that PostgreSQL calls
-- behind it.

-- The catalog's privilege for what one of PostgreSQL's lets do; NULL where it has none, as for TRUNCATE, TRIGGER and REFERENCES.
CREATE FUNCTION espalier_governance.catalog_privilege(p_kind text, p_privilege text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p_kind IN ('TABLE', 'NEW TABLES') AND p_privilege ~ '^SELECT\M' THEN 'SELECT'
        WHEN p_kind IN ('TABLE', 'NEW TABLES') AND p_privilege ~ '^(INSERT|UPDATE|DELETE)\M' THEN 'MODIFY'
        -- Whoever writes rows takes their numbers.
        WHEN p_kind IN ('SEQUENCE', 'NEW SEQUENCES') THEN 'MODIFY'
        WHEN p_kind IN ('SCHEMA', 'NEW SCHEMAS') AND p_privilege = 'USAGE' THEN 'USE SCHEMA'
        WHEN p_kind IN ('SCHEMA', 'NEW SCHEMAS') AND p_privilege = 'CREATE' THEN 'CREATE TABLE'
        WHEN p_kind IN ('FUNCTION', 'NEW FUNCTIONS') AND p_privilege = 'EXECUTE' THEN 'EXECUTE'
    END
$$;

-- The statement for the database system that gives what was to be given beside the rules; NULL where the catalog has nothing such, or nobody whom it
-- could be given to.
CREATE FUNCTION espalier_governance.grant_instead(p_kind text, p_privilege text, p_type text, p_name text, p_grantee name) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('GRANT %s ON %s %s TO `%s`', g.privilege, p_type,
        concat_ws('.', (SELECT quote_ident(s.catalog) FROM espalier_governance.state s), p_name),
        CASE p_grantee WHEN 'PUBLIC' THEN 'account users' ELSE replace(p_grantee::text, '`', '``') END)
    FROM espalier_governance.catalog_privilege(p_kind, p_privilege) g (privilege)
    WHERE g.privilege IS NOT NULL AND (p_type = 'CATALOG' OR (p_type IS NOT NULL AND p_name IS NOT NULL))
      AND p_grantee !~ '^espalier_profile_p[0-9a-f]{10}$'
$$;

-- A grant that the statement has made beside the rules, and that was not there before.
CREATE FUNCTION espalier_governance.refuse_beside_the_rules(p_tag text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each record;
BEGIN
    SELECT b.*, i.instead INTO each
    FROM espalier_governance.beside_the_rules() b
    CROSS JOIN LATERAL espalier_governance.grant_instead(b.kind, b.privilege, b.securable_type, b.securable_name, b.grantee) i (instead)
    WHERE p_tag <> 'REVOKE'
      AND b::text NOT IN (SELECT f.finding FROM espalier_governance.beside_before f WHERE f.xid = pg_current_xact_id())
    -- Of several the one that a statement is for.
    ORDER BY i.instead IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% on % % is not for a branch to give to %: the catalog governs it', each.privilege,
                lower(each.kind), each.object, each.grantee
            USING ERRCODE = '42501',
                  HINT = coalesce(
                      'Connect to the database system and say: ' || each.instead || '; or use: espalier grants update',
                      'The catalog has no privilege for this. Ask who owns it to do what it is for, or who manages the project.');
    END IF;
    DELETE FROM espalier_governance.beside_before WHERE xid = pg_current_xact_id();
END $$;
