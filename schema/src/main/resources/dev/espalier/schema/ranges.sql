SELECT
    'RANGE' AS "_kind",
    'pg_type'::regclass::oid AS "_class",
    t.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.typname AS "_name",
    pg_get_userbyid(t.typowner) AS "owner",
    format_type(r.rngsubtype, NULL) AS "subtype",
    CASE WHEN NOT o.opcdefault THEN format('%I.%I', onsp.nspname, o.opcname) END AS "operator class",
    CASE WHEN r.rngcollation <> st.typcollation THEN format('%I.%I', cn.nspname, c.collname) END AS "collation",
    CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END AS "canonical function",
    CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END AS "difference function",
    m.typname AS "multirange"
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type st ON st.oid = r.rngsubtype
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace onsp ON onsp.oid = o.opcnamespace
LEFT JOIN pg_collation c ON c.oid = r.rngcollation
LEFT JOIN pg_namespace cn ON cn.oid = c.collnamespace
WHERE t.typnamespace = ANY (?)
