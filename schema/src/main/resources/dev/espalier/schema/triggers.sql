-- A partition's share of a partitioned table's trigger is a shadow: it comes and goes with that trigger, but may fire otherwise.
SELECT
    'TRIGGER' AS "_kind",
    CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS "_parent",
    'pg_trigger'::regclass::oid AS "_class",
    t.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    t.tgname AS "_part",
    CASE WHEN t.tgparentid = 0 THEN pg_get_triggerdef(t.oid) END AS "definition",
    CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS "firing",
    CASE WHEN t.tgparentid <> 0 THEN 'yes' END AS "_shadow",
    CASE WHEN t.tgenabled <> p.tgenabled THEN 'yes' END AS "_stray",
    quote_ident(pn.nspname) || '.' || quote_ident(pc.relname) AS "_tie"
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_trigger p ON p.oid = t.tgparentid
LEFT JOIN pg_class pc ON pc.oid = p.tgrelid
LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
WHERE NOT t.tgisinternal
    AND c.relnamespace = ANY (?)
