SELECT
    'POLICY' AS "_kind",
    'TABLE' AS "_parent",
    'pg_policy'::regclass::oid AS "_class",
    p.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    p.polname AS "_part",
    CASE p.polcmd
        WHEN 'r' THEN 'select'
        WHEN 'a' THEN 'insert'
        WHEN 'w' THEN 'update'
        WHEN 'd' THEN 'delete'
        ELSE 'all'
    END AS "command",
    CASE WHEN NOT p.polpermissive THEN 'yes' END AS "restrictive",
    (
        SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY pg_get_userbyid(r))
        FROM unnest(p.polroles) AS r
    ) AS "roles",
    pg_get_expr(p.polqual, p.polrelid) AS "using",
    pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY (?)
    AND p.polname !~ '^espalier_(open|filter)(_|$)'
