SELECT
    'TABLE' AS "_kind",
    'pg_class'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    pg_get_userbyid(c.relowner) AS "owner",
    CASE c.relpersistence WHEN 'u' THEN 'yes' END AS "unlogged",
    pg_get_partkeydef(c.oid) AS "partition key",
    nullif(am.amname, 'heap') AS "access method",
    ts.spcname AS "tablespace",
    (
        SELECT string_agg(o.option, ', ' ORDER BY o.option)
        FROM (
            SELECT unnest(c.reloptions)
            UNION ALL
            SELECT 'toast.' || unnest(t.reloptions)
        ) AS o (option)
    ) AS "options",
    CASE WHEN c.relrowsecurity THEN 'yes' END AS "row security",
    CASE WHEN c.relforcerowsecurity THEN 'yes' END AS "row security forced",
    CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END AS "replica identity"
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relkind IN ('r', 'p')
    AND c.relnamespace = ANY (?)
