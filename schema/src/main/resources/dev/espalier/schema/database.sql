-- The database itself. What CREATE DATABASE cannot change later is a detail. The locale's column has three names in
-- PostgreSQL 15 to 18, and the rules are younger than 15: hence to_jsonb.
SELECT
    'DATABASE' AS "_kind",
    'pg_database'::regclass::oid AS "_class",
    d.oid AS "_oid",
    0 AS "_sub",
    '' AS "_schema",
    d.datname AS "_name",
    pg_get_userbyid(d.datdba) AS "owner",
    pg_encoding_to_char(d.encoding) AS "_encoding",
    CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS "_provider",
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS "_locale",
    to_jsonb(d) ->> 'daticurules' AS "_rules",
    d.datcollate AS "_lc_collate",
    d.datctype AS "_lc_ctype"
FROM pg_database d
WHERE d.datname = current_database()
