-- What the catalog's rules make of row filters is marked: a restrictive policy for a profile's two roles, named after the
-- profile, where the rules are compiled at all; and beside it the policy that opens the table to everybody else.
WITH filter AS (
    SELECT f.oid, f.polrelid, right(f.polname, 11) AS profile
    FROM pg_policy f
    WHERE f.polname ~ '^espalier_filter_p[0-9a-f]{10}$'
        AND NOT f.polpermissive
        AND (SELECT array_agg(pg_get_userbyid(r)::text ORDER BY pg_get_userbyid(r)) FROM unnest(f.polroles) AS r)
            = ARRAY['espalier_profile_' || right(f.polname, 11), 'espalier_view_' || right(f.polname, 11)]
        AND EXISTS (SELECT FROM pg_namespace WHERE nspname = 'espalier_governance' AND nspowner = 10)
)
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
    pg_get_expr(p.polwithcheck, p.polrelid) AS "check",
    CASE
        WHEN (p.polqual IS NOT NULL AND pg_get_expr(p.polqual, p.polrelid) IS NULL)
            OR (p.polwithcheck IS NOT NULL AND pg_get_expr(p.polwithcheck, p.polrelid) IS NULL)
            THEN 'yes'
    END AS "_torn",
    CASE
        WHEN p.polname = 'espalier_open' AND p.polroles = '{0}' AND EXISTS (SELECT FROM filter f WHERE f.polrelid = p.polrelid)
            THEN 'opens'
        WHEN EXISTS (
            SELECT
            FROM filter f
            WHERE f.oid = p.oid
                OR (f.polrelid = p.polrelid AND p.polname = 'espalier_open_' || f.profile)
        )
            THEN 'filters'
    END AS "_rule"
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY (?)
