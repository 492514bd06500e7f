SELECT
    'ENUM' AS "_kind",
    'pg_type'::regclass::oid AS "_class",
    t.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.typname AS "_name",
    pg_get_userbyid(t.typowner) AS "owner",
    (
        SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum e
        WHERE e.enumtypid = t.oid
    ) AS "labels"
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e'
    AND t.typnamespace = ANY (?)
