SELECT
    'AGGREGATE' AS "_kind",
    'pg_proc'::regclass::oid AS "_class",
    p.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    p.proname AS "_name",
    (
        SELECT coalesce(string_agg(format_type(t.type, NULL), ', ' ORDER BY t.position), '')
        FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, position)
    ) AS "_part",
    pg_get_userbyid(p.proowner) AS "owner",
    coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*') AS "arguments",
    coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*') AS "_signature",
    concat_ws(
        ', ',
        'sfunc = ' || a.aggtransfn::regproc::text,
        'stype = ' || format_type(a.aggtranstype, NULL),
        'sspace = ' || nullif(a.aggtransspace, 0)::text,
        'finalfunc = ' || nullif(a.aggfinalfn, 0)::regproc::text,
        CASE WHEN a.aggfinalextra THEN 'finalfunc_extra' END,
        CASE
            WHEN a.aggfinalfn <> 0 THEN
                CASE a.aggfinalmodify
                    WHEN 's' THEN 'finalfunc_modify = shareable'
                    WHEN 'r' THEN 'finalfunc_modify = read_only'
                    WHEN 'w' THEN 'finalfunc_modify = read_write'
                END
        END,
        'combinefunc = ' || nullif(a.aggcombinefn, 0)::regproc::text,
        'serialfunc = ' || nullif(a.aggserialfn, 0)::regproc::text,
        'deserialfunc = ' || nullif(a.aggdeserialfn, 0)::regproc::text,
        'initcond = ' || quote_literal(a.agginitval),
        'msfunc = ' || nullif(a.aggmtransfn, 0)::regproc::text,
        'minvfunc = ' || nullif(a.aggminvtransfn, 0)::regproc::text,
        'mstype = ' || format_type(nullif(a.aggmtranstype, 0), NULL),
        'msspace = ' || nullif(a.aggmtransspace, 0)::text,
        'mfinalfunc = ' || nullif(a.aggmfinalfn, 0)::regproc::text,
        CASE WHEN a.aggmfinalextra THEN 'mfinalfunc_extra' END,
        CASE
            WHEN a.aggmfinalfn <> 0 THEN
                CASE a.aggmfinalmodify
                    WHEN 's' THEN 'mfinalfunc_modify = shareable'
                    WHEN 'r' THEN 'mfinalfunc_modify = read_only'
                    WHEN 'w' THEN 'mfinalfunc_modify = read_write'
                END
        END,
        'minitcond = ' || quote_literal(a.aggminitval),
        (
            SELECT format('sortop = operator(%I.%s)', onsp.nspname, o.oprname)
            FROM pg_operator o
            JOIN pg_namespace onsp ON onsp.oid = o.oprnamespace
            WHERE o.oid = a.aggsortop
        ),
        CASE p.proparallel WHEN 's' THEN 'parallel = safe' WHEN 'r' THEN 'parallel = restricted' END,
        CASE a.aggkind WHEN 'h' THEN 'hypothetical' END
    ) AS "definition"
FROM pg_proc p
JOIN pg_aggregate a ON a.aggfnoid = p.oid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.pronamespace = ANY (?)
    AND NOT EXISTS (
        SELECT
        FROM pg_depend e
        WHERE e.classid = 'pg_proc'::regclass
            AND e.objid = p.oid
            AND e.deptype = 'e'
    )
