SELECT
    'EXTENSION' AS "_kind",
    'pg_extension'::regclass::oid AS "_class",
    e.oid AS "_oid",
    0 AS "_sub",
    '' AS "_schema",
    e.extname AS "_name",
    e.extversion AS "version",
    n.nspname AS "schema",
    CASE WHEN e.extrelocatable THEN 'yes' END AS "_relocatable"
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
