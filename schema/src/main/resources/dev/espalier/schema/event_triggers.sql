SELECT
    'EVENT_TRIGGER' AS "_kind",
    'pg_event_trigger'::regclass::oid AS "_class",
    e.oid AS "_oid",
    0 AS "_sub",
    '' AS "_schema",
    e.evtname AS "_name",
    pg_get_userbyid(e.evtowner) AS "owner",
    e.evtevent AS "event",
    (SELECT string_agg(quote_literal(t), ', ' ORDER BY t) FROM unnest(e.evttags) AS t) AS "tags",
    e.evtfoid::regproc::text AS "function",
    CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS "firing"
FROM pg_event_trigger e
JOIN pg_proc p ON p.oid = e.evtfoid
WHERE p.pronamespace = ANY (?)
