-- Indexes that are no constraint's. A partition's share of a partitioned index is a shadow: it follows that index.
-- PostgreSQL prints a partitioned index with ONLY, which would make it without its partitions.
SELECT
    'INDEX' AS "_kind",
    CASE t.relkind WHEN 'm' THEN 'MATERIALIZED_VIEW' ELSE 'TABLE' END AS "_parent",
    'pg_class'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.relname AS "_name",
    c.relname AS "_part",
    CASE c.relkind
        WHEN 'I' THEN
            p.prefix || ' ON ' || substr(pg_get_indexdef(c.oid), length(p.prefix || ' ON ONLY ') + 1)
        ELSE
            pg_get_indexdef(c.oid)
    END AS "definition",
    CASE WHEN NOT x.indisvalid AND c.relkind = 'i' THEN 'no' END AS "valid",
    ts.spcname AS "tablespace",
    CASE WHEN x.indisclustered THEN 'yes' END AS "clustered",
    CASE WHEN x.indisreplident THEN 'yes' END AS "replica identity",
    (
        SELECT string_agg(format('%s: %s', a.attnum, a.attstattarget), ', ' ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = c.oid
            AND a.attstattarget >= 0
    ) AS "statistics targets",
    CASE WHEN x.indexprs IS NULL AND x.indpred IS NULL THEN 'yes' END AS "_plain",
    CASE WHEN c.relispartition THEN 'yes' END AS "_shadow"
FROM pg_index x
JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
CROSS JOIN LATERAL (
    SELECT format('CREATE %sINDEX %I', CASE WHEN x.indisunique THEN 'UNIQUE ' END, c.relname)
) AS p (prefix)
WHERE t.relkind IN ('r', 'p', 'm')
    AND t.relnamespace = ANY (?)
    AND NOT EXISTS (
        SELECT
        FROM pg_constraint k
        WHERE k.conindid = c.oid
            AND k.contype IN ('p', 'u', 'x')
    )
