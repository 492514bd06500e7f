-- Sequences of identity columns are read with their column.
SELECT
    'SEQUENCE' AS "_kind",
    'pg_class'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    pg_get_userbyid(c.relowner) AS "owner",
    CASE c.relpersistence WHEN 'u' THEN 'yes' END AS "unlogged",
    format_type(s.seqtypid, NULL) AS "type",
    s.seqstart::text AS "start",
    s.seqincrement::text AS "increment",
    s.seqmin::text AS "minimum",
    s.seqmax::text AS "maximum",
    s.seqcache::text AS "cache",
    CASE WHEN s.seqcycle THEN 'yes' END AS "cycle"
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY (?)
    AND NOT EXISTS (
        SELECT
        FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass
            AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass
            AND d.refobjsubid > 0
            AND d.deptype = 'i'
    )
