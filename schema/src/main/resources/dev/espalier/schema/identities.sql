SELECT
    'IDENTITY' AS "_kind",
    'COLUMN' AS "_parent",
    'pg_class'::regclass::oid AS "_class",
    c.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    t.relname AS "_name",
    a.attname AS "_part",
    CASE a.attidentity WHEN 'a' THEN 'always' ELSE 'by default' END AS "generated",
    format('%I.%I', sn.nspname, c.relname) AS "sequence",
    format('%I', c.relname) AS "_sequence name",
    format_type(s.seqtypid, NULL) AS "type",
    s.seqstart::text AS "start",
    s.seqincrement::text AS "increment",
    s.seqmin::text AS "minimum",
    s.seqmax::text AS "maximum",
    s.seqcache::text AS "cache",
    CASE WHEN s.seqcycle THEN 'yes' END AS "cycle",
    pg_get_userbyid(c.relowner) AS "_table owner"
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace sn ON sn.oid = c.relnamespace
JOIN pg_depend d ON d.classid = 'pg_class'::regclass
    AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass
    AND d.refobjsubid > 0
    AND d.deptype = 'i'
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE t.relnamespace = ANY (?)
