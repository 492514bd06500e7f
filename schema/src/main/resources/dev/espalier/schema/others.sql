-- Kinds of object that are told when they come or go, but not looked into.
WITH other AS (
    SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid FROM pg_class c WHERE c.relkind = 'f'
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid FROM pg_type t WHERE t.typtype = 'b' AND t.typelem = 0
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, f.oid FROM pg_foreign_data_wrapper f
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, s.oid FROM pg_foreign_server s
    UNION ALL
    SELECT 'pg_user_mapping'::regclass, u.umid FROM pg_user_mappings u
    UNION ALL
    SELECT 'pg_publication'::regclass, p.oid FROM pg_publication p WHERE p.pubname !~ '^espalier_mirror_'
    UNION ALL
    SELECT 'pg_language'::regclass, l.oid FROM pg_language l
    UNION ALL
    SELECT 'pg_cast'::regclass, c.oid FROM pg_cast c
    UNION ALL
    SELECT 'pg_operator'::regclass, o.oid FROM pg_operator o
    UNION ALL
    SELECT 'pg_opfamily'::regclass, o.oid FROM pg_opfamily o
    UNION ALL
    SELECT 'pg_opclass'::regclass, o.oid FROM pg_opclass o
    UNION ALL
    SELECT 'pg_am'::regclass, a.oid FROM pg_am a
    UNION ALL
    SELECT 'pg_conversion'::regclass, c.oid FROM pg_conversion c
    UNION ALL
    SELECT 'pg_transform'::regclass, t.oid FROM pg_transform t
    UNION ALL
    SELECT 'pg_ts_config'::regclass, t.oid FROM pg_ts_config t
    UNION ALL
    SELECT 'pg_ts_dict'::regclass, t.oid FROM pg_ts_dict t
    UNION ALL
    SELECT 'pg_ts_parser'::regclass, t.oid FROM pg_ts_parser t
    UNION ALL
    SELECT 'pg_ts_template'::regclass, t.oid FROM pg_ts_template t
)
SELECT
    'OTHER' AS "_kind",
    o.classid AS "_class",
    o.objid AS "_oid",
    0 AS "_sub",
    '' AS "_schema",
    i.type AS "_name",
    i.identity AS "_part"
FROM other o
CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
LEFT JOIN pg_namespace n ON n.nspname = i.schema
WHERE o.objid >= 16384
    AND (i.schema IS NULL OR n.oid = ANY (?))
    AND NOT EXISTS (
        SELECT
        FROM pg_depend e
        WHERE e.classid = o.classid
            AND e.objid = o.objid
            AND e.deptype IN ('e', 'i')
    )
