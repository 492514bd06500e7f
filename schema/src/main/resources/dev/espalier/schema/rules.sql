SELECT
    'RULE' AS "_kind",
    CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS "_parent",
    'pg_rewrite'::regclass::oid AS "_class",
    r.oid AS "_oid",
    0 AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    r.rulename AS "_part",
    rtrim(pg_get_ruledef(r.oid), ';') AS "definition",
    CASE r.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS "firing"
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN'
    AND c.relnamespace = ANY (?)
