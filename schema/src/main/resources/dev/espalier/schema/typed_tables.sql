-- Tables of a composite type, whose columns are its attributes.
SELECT
    'OF_TYPE' AS "_kind",
    'TABLE' AS "_parent",
    n.nspname AS "_schema",
    c.relname AS "_name",
    format_type(c.reloftype, NULL) AS "of type"
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.reloftype <> 0
    AND c.relkind IN ('r', 'p')
    AND c.relnamespace = ANY (?)
