SELECT d.classoid, d.objoid, d.objsubid, d.description
FROM pg_description d
WHERE d.objoid >= 16384
    OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = ANY (?))
UNION ALL
SELECT s.classoid, s.objoid, 0, s.description
FROM pg_shdescription s
JOIN pg_database d ON d.oid = s.objoid
WHERE s.classoid = 'pg_database'::regclass
    AND d.datname = current_database()
