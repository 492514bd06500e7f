-- A view's columns follow from its definition; they are objects only where something else hangs on them.
SELECT
    'VIEW_COLUMN' AS "_kind",
    CASE c.relkind WHEN 'm' THEN 'MATERIALIZED_VIEW' ELSE 'VIEW' END AS "_parent",
    'pg_class'::regclass::oid AS "_class",
    c.oid AS "_oid",
    a.attnum AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    a.attname AS "_part",
    pg_get_expr(d.adbin, d.adrelid) AS "default",
    nullif(a.attstattarget, -1)::text AS "statistics target",
    pg_get_userbyid(c.relowner) AS "_table owner"
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_description ds ON ds.classoid = 'pg_class'::regclass AND ds.objoid = c.oid AND ds.objsubid = a.attnum
WHERE c.relkind IN ('v', 'm')
    AND a.attnum > 0
    AND NOT a.attisdropped
    AND (
        d.oid IS NOT NULL
        OR ds.description IS NOT NULL
        OR a.attacl IS NOT NULL
        OR nullif(a.attstattarget, -1) IS NOT NULL
    )
    AND c.relnamespace = ANY (?)
