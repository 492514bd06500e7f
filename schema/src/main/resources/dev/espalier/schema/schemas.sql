SELECT
    'SCHEMA' AS "_kind",
    'pg_namespace'::regclass::oid AS "_class",
    n.oid AS "_oid",
    0 AS "_sub",
    '' AS "_schema",
    n.nspname AS "_name",
    pg_get_userbyid(n.nspowner) AS "owner"
FROM pg_namespace n
WHERE n.nspname !~ '^pg_'
    AND n.nspname NOT IN (
        'information_schema', 'espalier', 'espalier_governance', 'espalier_secret', 'espalier_mask', 'espalier_mirror')
    -- What the catalog's rules are compiled to is in every branch, and nobody's to change.
    AND NOT (n.nspowner = 10 AND n.nspname ~ '__p[0-9a-f]{10}(_|$)')
