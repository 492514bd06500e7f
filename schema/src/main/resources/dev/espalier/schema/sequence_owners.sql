SELECT
    'OWNED_BY' AS "_kind",
    'SEQUENCE' AS "_parent",
    n.nspname AS "_schema",
    c.relname AS "_name",
    format('%I.%I.%I', tn.nspname, t.relname, a.attname) AS "owned by",
    pg_get_userbyid(t.relowner) AS "_owner"
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_depend d ON d.classid = 'pg_class'::regclass
    AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass
    AND d.deptype = 'a'
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S'
    AND c.relnamespace = ANY (?)
