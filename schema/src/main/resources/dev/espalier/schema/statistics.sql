SELECT
    'STATISTICS' AS "_kind",
    'TABLE' AS "_parent",
    'pg_statistic_ext'::regclass::oid AS "_class",
    s.oid AS "_oid",
    0 AS "_sub",
    tn.nspname AS "_schema",
    t.relname AS "_name",
    format('%I.%I', n.nspname, s.stxname) AS "_part",
    pg_get_userbyid(s.stxowner) AS "owner",
    pg_get_statisticsobjdef(s.oid) AS "definition",
    nullif(s.stxstattarget, -1)::text AS "statistics target"
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_class t ON t.oid = s.stxrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE t.relnamespace = ANY (?)
