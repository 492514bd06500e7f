SELECT
    'COMPOSITE' AS "_kind",
    'pg_type'::regclass::oid AS "_class",
    t.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.typname AS "_name",
    pg_get_userbyid(t.typowner) AS "owner"
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_class c ON c.oid = t.typrelid
WHERE c.relkind = 'c'
    AND t.typnamespace = ANY (?)
