-- A constraint that came from a partitioned or inherited parent is a shadow: it comes and goes with the parent's.
-- A foreign key to a partitioned table has helpers of its own on the same table, which are no constraints to a user.
SELECT
    CASE c.contype WHEN 'f' THEN 'FOREIGN_KEY' ELSE 'CONSTRAINT' END AS "_kind",
    'TABLE' AS "_parent",
    'pg_constraint'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.relname AS "_name",
    c.conname AS "_part",
    regexp_replace(d.definition, ' NOT VALID$', '') AS "definition",
    CASE WHEN d.definition LIKE '% NOT VALID' THEN 'no' END AS "valid",
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(i.reloptions) AS o) AS "options",
    ts.spcname AS "tablespace",
    CASE WHEN x.indisclustered THEN 'yes' END AS "clustered",
    CASE WHEN x.indisreplident THEN 'yes' END AS "replica identity",
    CASE WHEN c.contype IN ('p', 'u') THEN 'yes' END AS "_plain",
    CASE WHEN c.conparentid <> 0 OR c.coninhcount > 0 THEN 'yes' END AS "_shadow",
    c.contype::text AS "_contype",
    CASE WHEN c.connoinherit THEN 'yes' END AS "_no inherit"
FROM pg_constraint c
-- OFFSET keeps the planner from printing it once for each use.
CROSS JOIN LATERAL (SELECT pg_get_constraintdef(c.oid) OFFSET 0) AS d (definition)
JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_index x ON x.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_tablespace ts ON ts.oid = i.reltablespace
LEFT JOIN pg_constraint p ON p.oid = c.conparentid
WHERE c.contype IN ('p', 'u', 'x', 'c', 'f')
    AND p.conrelid IS DISTINCT FROM c.conrelid
    AND t.relkind IN ('r', 'p')
    AND t.relnamespace = ANY (?)
