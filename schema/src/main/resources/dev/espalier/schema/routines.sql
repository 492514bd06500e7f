-- Left out here already as they are many: functions of extensions and the constructors of range types.
SELECT
    CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS "_kind",
    'pg_proc'::regclass::oid AS "_class",
    p.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    p.proname AS "_name",
    (
        SELECT coalesce(string_agg(format_type(a.type, NULL), ', ' ORDER BY a.position), '')
        FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, position)
    ) AS "_part",
    pg_get_userbyid(p.proowner) AS "owner",
    rtrim(pg_get_functiondef(p.oid), E'\n') AS "definition",
    p.prokind::text AS "_prokind",
    coalesce(pg_get_function_result(p.oid), '') AS "_result",
    pg_get_function_identity_arguments(p.oid) AS "_arguments",
    pg_get_function_arguments(p.oid) AS "_arguments with defaults",
    p.pronargdefaults::text AS "_defaults"
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind <> 'a'
    AND p.pronamespace = ANY (?)
    AND NOT EXISTS (
        SELECT
        FROM pg_depend e
        WHERE e.classid = 'pg_proc'::regclass
            AND e.objid = p.oid
            AND e.deptype IN ('e', 'i')
    )
