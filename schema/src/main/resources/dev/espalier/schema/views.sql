SELECT
    CASE c.relkind WHEN 'm' THEN 'MATERIALIZED_VIEW' ELSE 'VIEW' END AS "_kind",
    'pg_class'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    pg_get_userbyid(c.relowner) AS "owner",
    rtrim(pg_get_viewdef(c.oid), ';') AS "definition",
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) AS "options",
    nullif(am.amname, 'heap') AS "access method",
    ts.spcname AS "tablespace",
    CASE WHEN NOT c.relispopulated THEN 'yes' END AS "_empty",
    (
        SELECT string_agg(
            format('%I %s %s', a.attname, format_type(a.atttypid, a.atttypmod), nullif(a.attcollation, 0)::regcollation),
            E'\n'
            ORDER BY a.attnum
        ) || E'\n'
        FROM pg_attribute a
        WHERE a.attrelid = c.oid
            AND a.attnum > 0
            AND NOT a.attisdropped
    ) AS "_columns"
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relkind IN ('v', 'm')
    AND c.relnamespace = ANY (?)
