SELECT
    'DOMAIN' AS "_kind",
    'pg_type'::regclass::oid AS "_class",
    t.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.typname AS "_name",
    pg_get_userbyid(t.typowner) AS "owner",
    format_type(t.typbasetype, t.typtypmod) AS "type",
    format_type(t.typbasetype, NULL) AS "_type",
    CASE WHEN t.typcollation <> b.typcollation THEN format('%I.%I', cn.nspname, c.collname) END AS "collation",
    CASE WHEN t.typnotnull THEN 'yes' END AS "not null",
    coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)) AS "default"
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation c ON c.oid = t.typcollation
LEFT JOIN pg_namespace cn ON cn.oid = c.collnamespace
WHERE t.typtype = 'd'
    AND t.typnamespace = ANY (?)
