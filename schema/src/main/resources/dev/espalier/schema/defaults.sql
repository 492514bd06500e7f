-- A default of NULL is none, and PostgreSQL stores none, except over the default of a domain.
SELECT
    'DEFAULT' AS "_kind",
    'COLUMN' AS "_parent",
    'pg_attrdef'::regclass::oid AS "_class",
    d.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    a.attname AS "_part",
    pg_get_expr(d.adbin, d.adrelid) AS "default"
FROM pg_attrdef d
JOIN pg_class c ON c.oid = d.adrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p')
    AND a.attgenerated = ''
    AND (t.typtype = 'd' OR pg_get_expr(d.adbin, d.adrelid) !~ '^NULL(::|$)')
    AND c.relnamespace = ANY (?)
