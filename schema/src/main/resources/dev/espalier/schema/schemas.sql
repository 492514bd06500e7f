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
    AND n.nspname NOT IN ('information_schema', 'espalier')
