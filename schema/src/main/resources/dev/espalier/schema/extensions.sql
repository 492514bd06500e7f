SELECT
    'EXTENSION' AS "_kind",
    'pg_extension'::regclass::oid AS "_class",
    e.oid AS "_oid",
    0 AS "_sub",
    '' AS "_schema",
    e.extname AS "_name",
    e.extversion AS "version",
    n.nspname AS "schema",
    CASE WHEN e.extrelocatable THEN 'yes' END AS "_relocatable",
    (
        SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text)
        FROM pg_depend d
        JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass
            AND d.refclassid = 'pg_extension'::regclass
            AND d.refobjid = e.oid
            AND d.deptype = 'e'
            AND c.relkind IN ('r', 'p')
    ) AS "_tables"
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
