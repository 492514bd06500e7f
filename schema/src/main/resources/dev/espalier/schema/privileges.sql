-- Who holds other privileges than an object of its kind and owner has by itself. A per-schema default has no base.
WITH acl AS (
    SELECT
        'pg_class'::regclass::oid AS classid,
        c.oid AS objid,
        0 AS objsubid,
        c.relowner AS owner,
        c.relacl AS acl,
        acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS base
    FROM pg_class c
    WHERE c.relacl IS NOT NULL
        AND c.relnamespace = ANY (?)
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl, acldefault('c', c.relowner)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL
        AND NOT a.attisdropped
        AND c.relnamespace = ANY (?)
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner)
    FROM pg_proc p
    WHERE p.proacl IS NOT NULL
        AND p.pronamespace = ANY (?)
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner)
    FROM pg_type t
    WHERE t.typacl IS NOT NULL
        AND t.typnamespace = ANY (?)
    UNION ALL
    SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspowner, n.nspacl, acldefault('n', n.nspowner)
    FROM pg_namespace n
    WHERE n.nspacl IS NOT NULL
        AND n.oid = ANY (?)
    UNION ALL
    SELECT 'pg_database'::regclass, d.oid, 0, d.datdba, d.datacl, acldefault('d', d.datdba)
    FROM pg_database d
    WHERE d.datacl IS NOT NULL
        AND d.datname = current_database()
    UNION ALL
    SELECT
        'pg_default_acl'::regclass,
        d.oid,
        0,
        d.defaclrole,
        d.defaclacl,
        CASE
            WHEN d.defaclnamespace = 0 THEN
                acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char", d.defaclrole)
        END
    FROM pg_default_acl d
    WHERE d.defaclnamespace = 0
        OR d.defaclnamespace = ANY (?)
),
held AS (
    SELECT a.classid, a.objid, a.objsubid, a.owner, x.grantee, x.privilege_type, x.is_grantable, true AS actual
    FROM acl a
    CROSS JOIN LATERAL aclexplode(a.acl) AS x
    UNION ALL
    SELECT a.classid, a.objid, a.objsubid, a.owner, x.grantee, x.privilege_type, x.is_grantable, false
    FROM acl a
    CROSS JOIN LATERAL aclexplode(a.base) AS x
),
listed AS (
    SELECT
        h.classid,
        h.objid,
        h.objsubid,
        h.owner,
        h.grantee,
        h.privilege_type,
        bool_or(h.actual) AS actual,
        bool_or(NOT h.actual) AS base,
        bool_or(h.actual AND h.is_grantable AND h.grantee <> h.owner) AS grantable
    FROM held h
    GROUP BY h.classid, h.objid, h.objsubid, h.owner, h.grantee, h.privilege_type
)
SELECT
    l.classid,
    l.objid,
    l.objsubid,
    CASE
        WHEN l.grantee = l.owner THEN 'privileges of its owner'
        WHEN l.grantee = 0 THEN 'privileges of PUBLIC'
        ELSE 'privileges of ' || quote_ident(r.rolname)
    END AS property,
    coalesce(
        string_agg(
            l.privilege_type || CASE WHEN l.grantable THEN ' WITH GRANT OPTION' ELSE '' END,
            ', '
            ORDER BY l.privilege_type
        ) FILTER (WHERE l.actual),
        'nothing'
    ) AS privileges
FROM listed l
-- As of the transaction: pg_get_userbyid() does not know a role that is dropped meanwhile.
LEFT JOIN pg_catalog.pg_roles r ON r.oid = l.grantee
WHERE l.grantee = 0
    OR r.rolname !~ '^espalier_((profile|view)_p[0-9a-f]{10}|agent_[0-9a-f]{16}|mirror_.*)$'
GROUP BY l.classid, l.objid, l.objsubid, l.owner, l.grantee, r.rolname
HAVING bool_or(l.actual <> l.base OR l.grantable)
