-- Columns of tables and attributes of composite types. Not-null constraints have names since PostgreSQL 18,
-- which are told where they are not the usual ones.
SELECT
    CASE c.relkind WHEN 'c' THEN 'ATTRIBUTE' ELSE 'COLUMN' END AS "_kind",
    CASE c.relkind WHEN 'c' THEN 'COMPOSITE' ELSE 'TABLE' END AS "_parent",
    'pg_class'::regclass::oid AS "_class",
    c.oid AS "_oid",
    a.attnum AS "_sub",
    n.nspname AS "_schema",
    c.relname AS "_name",
    a.attname AS "_part",
    format_type(a.atttypid, a.atttypmod) AS "type",
    CASE WHEN a.attcollation <> t.typcollation THEN format('%I.%I', cn.nspname, co.collname) END AS "collation",
    CASE
        WHEN a.attnotnull THEN
            CASE WHEN nn.convalidated THEN 'yes' WHEN nn.convalidated IS NULL THEN 'yes' ELSE 'not valid' END
            || CASE WHEN nn.connoinherit THEN ', not inherited' ELSE '' END
    END AS "not null",
    CASE
        WHEN nn.coninhcount = 0 AND regexp_replace(nn.conname, '[0-9]+$', '') <> format('%s_%s_not_null', c.relname, a.attname)
            THEN nn.conname
    END AS "not null constraint",
    nn.conname AS "_not null constraint",
    CASE a.attgenerated
        WHEN 's' THEN format('(%s) STORED', pg_get_expr(d.adbin, d.adrelid))
        WHEN 'v' THEN format('(%s) VIRTUAL', pg_get_expr(d.adbin, d.adrelid))
    END AS "generated",
    CASE
        WHEN c.relkind <> 'c' AND a.attstorage <> t.typstorage THEN
            CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END
    END AS "storage",
    CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END
        AS "_usual storage",
    CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS "compression",
    nullif(a.attstattarget, -1)::text AS "statistics target",
    CASE
        WHEN a.attoptions IS NOT NULL THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) AS o)
    END AS "options",
    a.attnum::text AS "_position",
    pg_get_userbyid(c.relowner) AS "_table owner",
    format_type(a.atttypid, NULL) AS "_type",
    CASE
        WHEN a.attgenerated = '' AND t.typtype <> 'd' AND d.adbin::text LIKE '%:constisnull true%' THEN
            CASE WHEN pg_get_expr(d.adbin, d.adrelid) ~ '^NULL(::|$)' THEN 'yes' END
    END AS "_null default",
    CASE WHEN a.attinhcount > 0 THEN 'yes' END AS "_inherited",
    CASE WHEN a.attislocal THEN 'yes' END AS "_local",
    -- PostgreSQL makes these columns a part of the table, also those in an expression of the key.
    CASE
        WHEN c.relkind = 'p' AND EXISTS (
            SELECT
            FROM pg_depend k
            WHERE k.classid = 'pg_class'::regclass
                AND k.objid = c.oid
                AND k.objsubid = a.attnum
                AND k.refclassid = 'pg_class'::regclass
                AND k.refobjid = c.oid
                AND k.refobjsubid = 0
                AND k.deptype = 'i'
        )
            THEN 'yes'
    END AS "_in partition key"
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum
WHERE c.relkind IN ('r', 'p', 'c')
    AND a.attnum > 0
    AND NOT a.attisdropped
    AND c.relnamespace = ANY (?)
