-- Relations with their columns; what a thing was called when it was first seen, where that is known.
WITH RECURSIVE governed AS MATERIALIZED (
    SELECT g.oid, g.nspname, g.relname, g.relkind FROM espalier_governance.governed_relation g
),
shown AS MATERIALIZED (
    SELECT c.attrelid, c.attnum, c.attname, c.atttypid
    FROM governed g
    JOIN pg_catalog.pg_attribute c ON c.attrelid = g.oid AND c.attnum > 0 AND NOT c.attisdropped
),
-- A domain's values are of the type below it.
below (oid, base) AS (
    SELECT DISTINCT c.atttypid, c.atttypid FROM shown c
    UNION ALL
    SELECT b.oid, t.typbasetype FROM below b JOIN pg_catalog.pg_type t ON t.oid = b.base AND t.typtype = 'd'
),
seen_type AS MATERIALIZED (
    SELECT b.oid, pg_catalog.format_type(t.oid, NULL) AS name, t.typcategory::text AS category, espalier_governance.says_little(t.oid) AS little
    FROM below b JOIN pg_catalog.pg_type t ON t.oid = b.base AND t.typtype <> 'd'
),
described AS MATERIALIZED (
    SELECT c.attrelid,
           bool_and(n.relid IS NOT NULL) AS seen,
           array_agg(c.attnum ORDER BY c.attnum) AS numbers,
           array_agg(c.attname::text ORDER BY c.attnum) AS names,
           array_agg(coalesce(n.name, c.attname)::text ORDER BY c.attnum) AS known,
           array_agg(t.name ORDER BY c.attnum) AS types,
           array_agg(t.category ORDER BY c.attnum) AS categories,
           array_agg(t.little ORDER BY c.attnum) AS little
    FROM shown c
    JOIN seen_type t ON t.oid = c.atttypid
    LEFT JOIN espalier_governance.known_column n ON n.relid = c.attrelid AND n.attnum = c.attnum
    GROUP BY c.attrelid
),
apart AS MATERIALIZED (
    SELECT w.relid, array_agg(w.schema::text ORDER BY w.schema, w.name) AS schemas, array_agg(w.name::text ORDER BY w.schema, w.name) AS names
    FROM espalier_governance.known_whole w
    WHERE w.apart
    GROUP BY w.relid
)
SELECT g.oid, g.nspname, g.relname, g.relkind, coalesce(k.schema, g.nspname), coalesce(k.name, g.relname),
       ARRAY(SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = g.oid ORDER BY i.inhparent),
       k.relid IS NOT NULL AND coalesce(a.seen, true), a.numbers, a.names, a.known, a.types, a.categories, a.little, w.schemas, w.names
FROM governed g
LEFT JOIN described a ON a.attrelid = g.oid
LEFT JOIN espalier_governance.known_relation k ON k.relid = g.oid
LEFT JOIN apart w ON w.relid = g.oid
ORDER BY g.oid
