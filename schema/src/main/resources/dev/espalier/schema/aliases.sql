-- Catalog entries that are only a part of an object: what depends on the one depends on the other.
SELECT
    'pg_type'::regclass::oid AS classid,
    t.oid AS objid,
    0 AS objsubid,
    'pg_class'::regclass::oid AS ofclassid,
    t.typrelid AS ofobjid,
    0 AS ofobjsubid
FROM pg_type t
JOIN pg_class c ON c.oid = t.typrelid
WHERE c.relkind <> 'c'
    AND t.oid >= 16384
UNION ALL
SELECT 'pg_class'::regclass, t.typrelid, 0, 'pg_type'::regclass, t.oid, 0
FROM pg_type t
JOIN pg_class c ON c.oid = t.typrelid
WHERE c.relkind = 'c'
    AND t.oid >= 16384
UNION ALL
SELECT 'pg_type'::regclass, t.typarray, 0, 'pg_type'::regclass, t.oid, 0
FROM pg_type t
WHERE t.typarray >= 16384
UNION ALL
SELECT 'pg_type'::regclass, r.rngmultitypid, 0, 'pg_type'::regclass, r.rngtypid, 0
FROM pg_range r
WHERE r.rngmultitypid >= 16384
UNION ALL
SELECT 'pg_rewrite'::regclass, r.oid, 0, 'pg_class'::regclass, r.ev_class, 0
FROM pg_rewrite r
WHERE r.rulename = '_RETURN'
    AND r.oid >= 16384
UNION ALL
SELECT 'pg_class'::regclass, c.conindid, 0, 'pg_constraint'::regclass, c.oid, 0
FROM pg_constraint c
WHERE c.contype IN ('p', 'u', 'x')
    AND c.conindid >= 16384
UNION ALL
-- A foreign key to a partitioned table has a helper for each partition, which cannot go before it.
SELECT 'pg_constraint'::regclass, c.oid, 0, 'pg_constraint'::regclass, p.oid, 0
FROM pg_constraint c
JOIN pg_constraint p ON p.oid = c.conparentid
WHERE c.contype = 'f'
    AND p.conrelid = c.conrelid
UNION ALL
SELECT 'pg_attrdef'::regclass, d.oid, 0, 'pg_class'::regclass, d.adrelid, d.adnum
FROM pg_attrdef d
JOIN pg_class c ON c.oid = d.adrelid
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE (a.attgenerated <> '' OR c.relkind = 'v')
    AND d.oid >= 16384
UNION ALL
SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, 0
FROM pg_depend d
WHERE d.deptype = 'e'
