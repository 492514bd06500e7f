SELECT
    'INHERITANCE' AS "_kind",
    'TABLE' AS "_parent",
    n.nspname AS "_schema",
    c.relname AS "_name",
    format('%I.%I', pn.nspname, p.relname) AS "_part",
    pg_get_expr(c.relpartbound, c.oid) AS "bound",
    i.inhseqno::text AS "_position",
    pn.nspname AS "_parent schema",
    p.relname AS "_parent name"
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = i.inhparent
JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relkind IN ('r', 'p')
    AND c.relnamespace = ANY (?)
