-- Functions that masks and filters may call, or that run with their owners' rights.
SELECT f.oid, n.nspname, f.proname,
       ARRAY(SELECT pg_catalog.format_type(u.type, NULL) FROM unnest(f.proargtypes) WITH ORDINALITY u (type, ord) ORDER BY u.ord),
       ARRAY(SELECT t.typcategory::text FROM unnest(f.proargtypes) WITH ORDINALITY u (type, ord) JOIN pg_catalog.pg_type t ON t.oid = u.type ORDER BY u.ord),
       f.pronargdefaults, pg_catalog.format_type(f.prorettype, NULL), r.typcategory::text, f.prosecdef,
       CASE
           WHEN f.prokind <> 'f' OR f.proretset THEN 'it is no plain function that gives one value'
           WHEN f.prosecdef THEN 'it is SECURITY DEFINER'
           WHEN f.provolatile = 'v' THEN 'it is VOLATILE'
           WHEN espalier_governance.raises(f.oid)
               THEN 'it, or what it calls, has RAISE or ASSERT in it, whose message would show what it is given'
           WHEN espalier_governance.is_loose(f.oid)
               THEN 'it, or what it calls, is neither LANGUAGE sql with BEGIN ATOMIC nor has it a search_path of its own that ends in pg_temp'
           WHEN espalier_governance.is_loose(f.oid, true)
               THEN 'its body, or that of what it calls, is a text with a backslash, which who reads could make mean something else: '
                   || 'ALTER FUNCTION ' || f.oid::regprocedure || ' SET standard_conforming_strings = on'
           ELSE ''
       END,
       EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) x WHERE x.grantee = 0),
       -- Why those whom a policy binds cannot be let call it with its owner's rights.
       CASE
           WHEN NOT espalier_governance.is_pinned(f.proconfig)
               THEN 'finds what it names by the caller''s search_path: ALTER FUNCTION ' || f.oid::regprocedure || ' SET search_path = '
                   || quote_ident(n.nspname) || ', pg_temp'
           WHEN EXISTS (
                   SELECT FROM unnest(f.proargtypes) u (type) JOIN pg_catalog.pg_type t ON t.oid = u.type
                   LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
                   WHERE 'p' IN (t.typtype, e.typtype)
                      OR coalesce(e.oid, t.oid) IN ('refcursor'::regtype, 'regclass'::regtype, 'regproc'::regtype, 'regprocedure'::regtype,
                          'regoper'::regtype, 'regoperator'::regtype, 'regtype'::regtype))
               THEN 'takes values of any type, a cursor or the name of a thing, which could be the caller''s own and run the caller''s code: give its parameters other types'
           WHEN espalier_governance.names_temporary(f.oid)
               THEN 'names temporary tables, which could be the caller''s, whose code it would run, or is too long (over 1 MB) to tell: let it do without'
           ELSE ''
       END
FROM pg_catalog.pg_proc f
JOIN espalier_governance.governed_schema n ON n.oid = f.pronamespace
JOIN pg_catalog.pg_type r ON r.oid = f.prorettype
WHERE f.prosecdef OR (n.nspname, f.proname) IN (SELECT * FROM unnest(?::text[], ?::text[]))
ORDER BY f.oid
