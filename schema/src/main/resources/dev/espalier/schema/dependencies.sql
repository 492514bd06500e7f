-- 16384 is the first object identifier that PostgreSQL gives after initdb.
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid
FROM pg_depend d
WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S')
    AND d.objid >= 16384
    AND d.refobjid >= 16384
