SELECT
    'DEFAULT_PRIVILEGES' AS "_kind",
    'pg_default_acl'::regclass::oid AS "_class",
    d.oid AS "_oid",
    0 AS "_sub",
    coalesce(n.nspname, '') AS "_schema",
    pg_get_userbyid(d.defaclrole) AS "_name",
    CASE d.defaclobjtype
        WHEN 'r' THEN 'TABLES'
        WHEN 'S' THEN 'SEQUENCES'
        WHEN 'f' THEN 'FUNCTIONS'
        WHEN 'T' THEN 'TYPES'
        WHEN 'n' THEN 'SCHEMAS'
        WHEN 'L' THEN 'LARGE OBJECTS'
    END AS "_part"
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
WHERE d.defaclnamespace = 0
    OR d.defaclnamespace = ANY (?)
