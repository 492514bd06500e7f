-- The locale's column has three names in PostgreSQL 15 to 18, and the rules are younger than 15: hence to_jsonb.
SELECT
    'COLLATION' AS "_kind",
    'pg_collation'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.collname AS "_name",
    pg_get_userbyid(c.collowner) AS "owner",
    CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS "provider",
    coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale') AS "locale",
    c.collcollate AS "lc_collate",
    c.collctype AS "lc_ctype",
    to_jsonb(c) ->> 'collicurules' AS "rules",
    CASE WHEN NOT c.collisdeterministic THEN 'no' END AS "deterministic"
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE c.collnamespace = ANY (?)
