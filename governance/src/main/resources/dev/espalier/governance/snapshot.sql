-- Relations with their columns; what a thing was called when it was first seen, where that is known.
WITH seen_type AS MATERIALIZED (
    SELECT d.oid, b.oid AS base, pg_catalog.format_type(b.oid, NULL) AS name, b.typcategory::text AS category,
           espalier_governance.says_little(d.oid) AS little
    FROM (
        SELECT DISTINCT c.atttypid AS oid
        FROM espalier_governance.governed_relation g
        JOIN pg_catalog.pg_attribute c ON c.attrelid = g.oid AND c.attnum > 0 AND NOT c.attisdropped) d
    JOIN pg_catalog.pg_type b ON b.oid = espalier_governance.shown_type(d.oid, NULL)::regtype
)
SELECT g.oid, g.nspname, g.relname, g.relkind, coalesce(k.schema, g.nspname), coalesce(k.name, g.relname),
       ARRAY(SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = g.oid ORDER BY i.inhparent),
       a.numbers, a.names, a.known, a.types, a.categories, a.little
FROM espalier_governance.governed_relation g
LEFT JOIN espalier_governance.known_relation k ON k.relid = g.oid
CROSS JOIN LATERAL (
    SELECT array_agg(c.attnum ORDER BY c.attnum) AS numbers,
           array_agg(c.attname::text ORDER BY c.attnum) AS names,
           array_agg(coalesce(n.name, c.attname)::text ORDER BY c.attnum) AS known,
           array_agg(t.name ORDER BY c.attnum) AS types,
           array_agg(t.category ORDER BY c.attnum) AS categories,
           array_agg(t.little ORDER BY c.attnum) AS little
    FROM pg_catalog.pg_attribute c
    JOIN seen_type t ON t.oid = c.atttypid
    LEFT JOIN espalier_governance.known_column n ON n.relid = c.attrelid AND n.attnum = c.attnum
    WHERE c.attrelid = g.oid AND c.attnum > 0 AND NOT c.attisdropped
) a
ORDER BY g.oid
