SELECT
    'TRIGGER' AS "_kind",
    CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS "_parent",
    'pg_trigger'::regclass::oid AS "_class",
    t.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    t.tgname AS "_part",
    pg_get_triggerdef(t.oid) AS "definition",
    CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS "firing"
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal
    AND t.tgparentid = 0
    AND c.relnamespace = ANY (?)
