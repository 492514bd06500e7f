SELECT
    'DOMAIN_CONSTRAINT' AS "_kind",
    'DOMAIN' AS "_parent",
    'pg_constraint'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.typname AS "_name",
    c.conname AS "_part",
    regexp_replace(d.definition, ' NOT VALID$', '') AS "definition",
    CASE WHEN d.definition LIKE '% NOT VALID' THEN 'no' END AS "valid"
FROM pg_constraint c
-- OFFSET keeps the planner from printing it once for each use.
CROSS JOIN LATERAL (SELECT pg_get_constraintdef(c.oid) OFFSET 0) AS d (definition)
JOIN pg_type t ON t.oid = c.contypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE c.contype = 'c'
    AND t.typnamespace = ANY (?)
