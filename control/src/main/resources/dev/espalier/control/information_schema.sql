-- Unity Catalog's information schema, in the place of PostgreSQL's own, which knows of this database only. Made anew at every
-- start. Everybody reads it, and sees what control.visible shows him; of the catalog system itself, what PostgreSQL's privileges let
-- him read.
DROP SCHEMA IF EXISTS information_schema CASCADE;

DROP VIEW IF EXISTS control.known_column, control.visible_privilege, control.visible_reach, control.specific_routine;

CREATE SCHEMA information_schema;

CREATE VIEW information_schema.catalogs WITH (security_barrier) AS
SELECT v.catalog_name, v.owner AS catalog_owner, c.comment, c.create_time AS created, NULL::text AS created_by,
       c.update_time AS last_altered, NULL::text AS last_altered_by,
       p.project_id, c.database AS database_name, c.governed AS under_rules
FROM control.visible v
JOIN control.catalog c ON c.uid = v.catalog_uid
JOIN control.project p ON p.uid = c.project_uid
WHERE v.type = 'CATALOG'
UNION ALL
SELECT 'system', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'system', NULL;

CREATE VIEW information_schema.schemata WITH (security_barrier) AS
SELECT v.catalog_name, v.schema_name, v.owner AS schema_owner, i.comment, NULL::timestamptz AS created,
       NULL::text AS created_by, NULL::timestamptz AS last_altered, NULL::text AS last_altered_by
FROM control.visible v
LEFT JOIN control.inventory_schema i ON i.catalog_uid = v.catalog_uid AND i.schema_name = v.schema_name
WHERE v.type = 'SCHEMA'
UNION ALL
SELECT 'system', n.nspname, NULL, NULL, NULL, NULL, NULL, NULL
FROM pg_catalog.pg_namespace n
WHERE n.nspname IN ('query', 'access', 'billing', 'governance', 'information_schema')
  AND pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE');

CREATE VIEW information_schema.tables WITH (security_barrier) AS
SELECT v.catalog_name AS table_catalog, v.schema_name AS table_schema, v.object_name AS table_name,
       -- Of one that the default branch does not have only the name is known.
       CASE i.kind WHEN 'TABLE' THEN 'MANAGED' WHEN 'FOREIGN_TABLE' THEN 'FOREIGN' ELSE i.kind END AS table_type,
       CASE WHEN i.kind = 'TABLE' THEN 'YES' WHEN i.kind IS NOT NULL THEN 'NO' END AS is_insertable_into,
       'PRESERVE' AS commit_action, v.owner AS table_owner, i.comment, NULL::timestamptz AS created, NULL::text AS created_by,
       NULL::timestamptz AS last_altered, NULL::text AS last_altered_by, 'POSTGRESQL_FORMAT' AS data_source_format,
       NULL::text AS storage_sub_directory, NULL::text AS storage_path
FROM control.visible v
LEFT JOIN control.inventory_table i
    ON i.catalog_uid = v.catalog_uid AND i.schema_name = v.schema_name AND i.table_name = v.object_name
WHERE v.type = 'TABLE'
UNION ALL
SELECT 'system', n.nspname, c.relname, 'VIEW', 'NO', 'PRESERVE', NULL, pg_catalog.obj_description(c.oid, 'pg_class'),
       NULL, NULL, NULL, NULL, 'POSTGRESQL_FORMAT', NULL, NULL
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('query', 'access', 'billing', 'governance', 'information_schema') AND c.relkind = 'v'
  AND pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE')
  AND pg_catalog.has_table_privilege(session_user, c.oid, 'SELECT');

-- Those of the default branch, and those that another one may have.
CREATE VIEW control.known_column AS
SELECT catalog_uid, schema_name, object_name, column_name, i.position, i.type, i.nullable, i.comment
FROM (SELECT t.catalog_uid, t.schema_name, t.table_name AS object_name, c.name AS column_name, c.position, c.type,
             c.nullable, c.comment
      FROM control.inventory_table t
      CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(t.columns)
          AS c (name text, position int, type text, nullable boolean, comment text)) i
FULL JOIN (SELECT t.catalog_uid, t.schema_name, t.object_name, t.column_name
           FROM control.tag_assignment t
           WHERE t.column_name <> ''
           UNION
           SELECT l.catalog_uid, l.schema_name, l.table_name, l.column_name
           FROM control.classified_column l) n
    USING (catalog_uid, schema_name, object_name, column_name);

CREATE VIEW information_schema.columns WITH (security_barrier) AS
SELECT v.catalog_name AS table_catalog, v.schema_name AS table_schema, v.object_name AS table_name, k.column_name,
       k.position AS ordinal_position, NULL::text AS column_default,
       CASE WHEN k.nullable THEN 'YES' WHEN NOT k.nullable THEN 'NO' END AS is_nullable,
       k.type AS full_data_type, pg_catalog.regexp_replace(k.type, '\(.*\)', '') AS data_type, k.comment
FROM control.visible v
JOIN control.known_column k USING (catalog_uid, schema_name, object_name)
WHERE v.type = 'TABLE'
UNION ALL
SELECT 'system', n.nspname, c.relname, a.attname, a.attnum, NULL, 'YES',
       pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(a.atttypid, NULL), NULL
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind = 'v'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('query', 'access', 'billing', 'governance', 'information_schema') AND a.attnum > 0
  AND pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE')
  AND pg_catalog.has_table_privilege(session_user, c.oid, 'SELECT');

CREATE VIEW information_schema.catalog_tags WITH (security_barrier) AS
SELECT v.catalog_name, t.key AS tag_name, t.value AS tag_value
FROM control.visible v
JOIN control.tag_assignment t ON t.catalog_uid = v.catalog_uid AND t.schema_name = ''
WHERE v.type = 'CATALOG';

CREATE VIEW information_schema.schema_tags WITH (security_barrier) AS
SELECT v.catalog_name, v.schema_name, t.key AS tag_name, t.value AS tag_value
FROM control.visible v
JOIN control.tag_assignment t
    ON t.catalog_uid = v.catalog_uid AND t.schema_name = v.schema_name AND t.object_name = ''
WHERE v.type = 'SCHEMA';

CREATE VIEW information_schema.table_tags WITH (security_barrier) AS
SELECT v.catalog_name, v.schema_name, v.object_name AS table_name, t.key AS tag_name, t.value AS tag_value
FROM control.visible v
JOIN control.tag_assignment t
    ON t.catalog_uid = v.catalog_uid AND t.schema_name = v.schema_name AND t.object_name = v.object_name
    AND t.column_name = ''
WHERE v.type = 'TABLE';

CREATE VIEW information_schema.column_tags WITH (security_barrier) AS
SELECT v.catalog_name, v.schema_name, v.object_name AS table_name, t.column_name, t.key AS tag_name, t.value AS tag_value
FROM control.visible v
JOIN control.tag_assignment t
    ON t.catalog_uid = v.catalog_uid AND t.schema_name = v.schema_name AND t.object_name = v.object_name
    AND t.column_name <> ''
WHERE v.type = 'TABLE';

-- Inherited ones, too, as Unity Catalog shows them.
CREATE VIEW control.visible_privilege AS
SELECT v.catalog_uid, v.catalog_name, v.type, v.schema_name, v.object_name, coalesce(p.name, 'account users') AS grantee,
       g.privilege AS privilege_type, CASE WHEN g.given_on = v.type THEN 'NONE' ELSE g.given_on END AS inherited_from,
       g.granted_by AS grantor
FROM control.visible v
JOIN control.effective_privilege g
    ON g.catalog_uid = v.catalog_uid AND g.type = v.type AND g.schema_name = v.schema_name
    AND g.object_name = v.object_name
LEFT JOIN control.principal p ON p.id = g.principal_id;

CREATE VIEW information_schema.catalog_privileges WITH (security_barrier) AS
SELECT grantor, grantee, catalog_name, privilege_type, 'NO' AS is_grantable, inherited_from
FROM control.visible_privilege
WHERE type = 'CATALOG';

CREATE VIEW information_schema.schema_privileges WITH (security_barrier) AS
SELECT grantor, grantee, catalog_name, schema_name, privilege_type, 'NO' AS is_grantable, inherited_from
FROM control.visible_privilege
WHERE type = 'SCHEMA';

CREATE VIEW information_schema.table_privileges WITH (security_barrier) AS
SELECT grantor, grantee, catalog_name AS table_catalog, schema_name AS table_schema,
       object_name AS table_name, privilege_type, 'NO' AS is_grantable, inherited_from
FROM control.visible_privilege
WHERE type = 'TABLE';

-- Functions of one name differ in what they take.
CREATE VIEW control.specific_routine AS
SELECT f.*, f.function_name || '('
            || coalesce((SELECT pg_catalog.string_agg(p.value ->> 'type', ', ' ORDER BY p.place)
                         FROM pg_catalog.jsonb_array_elements(f.parameters) WITH ORDINALITY AS p (value, place)), '')
            || ')' AS specific_name
FROM control.inventory_function f;

-- A privilege is on all that have the name.
CREATE VIEW information_schema.routine_privileges WITH (security_barrier) AS
SELECT v.grantor, v.grantee, v.catalog_name AS specific_catalog, v.schema_name AS specific_schema,
       coalesce(f.specific_name, v.object_name || '()') AS specific_name,
       v.catalog_name AS routine_catalog, v.schema_name AS routine_schema, v.object_name AS routine_name, v.privilege_type,
       'NO' AS is_grantable, v.inherited_from
FROM control.visible_privilege v
LEFT JOIN control.specific_routine f
    ON f.catalog_uid = v.catalog_uid AND f.schema_name = v.schema_name AND f.function_name = v.object_name
WHERE v.type = 'FUNCTION';

-- Those of the default branch, each that differs in what it takes; of others the name alone. What is in them is not told.
CREATE VIEW information_schema.routines WITH (security_barrier) AS
SELECT v.catalog_name AS specific_catalog, v.schema_name AS specific_schema,
       coalesce(f.specific_name, v.object_name || '()') AS specific_name,
       v.catalog_name AS routine_catalog, v.schema_name AS routine_schema, v.object_name AS routine_name,
       v.owner AS routine_owner, 'FUNCTION' AS routine_type, pg_catalog.regexp_replace(f.returns, '\(.*\)', '') AS data_type,
       f.returns AS full_data_type,
       CASE WHEN f.language = 'sql' THEN 'SQL' WHEN f.language IS NOT NULL THEN 'EXTERNAL' END AS routine_body,
       NULL::text AS routine_definition, nullif(f.language, 'sql') AS external_language,
       CASE WHEN f.volatility = 'immutable' THEN 'YES' WHEN f.volatility IS NOT NULL THEN 'NO' END AS is_deterministic,
       CASE WHEN f.definer THEN 'DEFINER' WHEN NOT f.definer THEN 'INVOKER' END AS security_type, f.comment,
       NULL::timestamptz AS created, NULL::text AS created_by, NULL::timestamptz AS last_altered, NULL::text AS last_altered_by
FROM control.visible v
LEFT JOIN control.specific_routine f
    ON f.catalog_uid = v.catalog_uid AND f.schema_name = v.schema_name AND f.function_name = v.object_name
WHERE v.type = 'FUNCTION';

-- Of the default branch. What is in them is not told.
CREATE VIEW information_schema.views WITH (security_barrier) AS
SELECT v.catalog_name AS table_catalog, v.schema_name AS table_schema, v.object_name AS table_name, NULL::text AS view_definition,
       'NONE' AS check_option, 'NO' AS is_updatable, 'NO' AS is_insertable_into, i.kind = 'MATERIALIZED_VIEW' AS is_materialized
FROM control.visible v
JOIN control.inventory_table i
    ON i.catalog_uid = v.catalog_uid AND i.schema_name = v.schema_name AND i.table_name = v.object_name
WHERE v.type = 'TABLE' AND i.kind IN ('VIEW', 'MATERIALIZED_VIEW');

-- What policies do, whomever they are for. Databricks documents the names catalog_name and schema_name for these two views, and
-- answers with table_catalog and table_schema; here are both.
CREATE VIEW control.visible_reach AS
SELECT v.catalog_name, v.schema_name, v.object_name AS table_name, r.column_name, p.policy_type, f.part, r.arguments,
       p.policy_name, p.to_principals, p.except_principals
FROM control.visible v
JOIN control.policy_reach r
    ON r.catalog_uid = v.catalog_uid AND r.schema_name = v.schema_name AND r.table_name = v.object_name
JOIN governance.policies p ON p.policy_id = r.policy_uid
CROSS JOIN LATERAL (
    SELECT ARRAY(SELECT pg_catalog.replace(pg_catalog.regexp_replace(m[1], '^`(.*)`$', '\1'), '``', '`')
                 FROM pg_catalog.regexp_matches(p.function_name, '(`(?:[^`]|``)*`|[^.`]+)', 'g') WITH ORDINALITY AS x (m, place)
                 ORDER BY place) AS part
) AS f
WHERE v.type = 'TABLE';

CREATE VIEW information_schema.column_masks WITH (security_barrier) AS
SELECT catalog_name, schema_name, table_name, column_name, part[1] AS mask_catalog, part[2] AS mask_schema,
       part[3] AS mask_name, nullif(arguments, '') AS mask_col_usage, catalog_name AS table_catalog,
       schema_name AS table_schema, arguments AS using_columns, policy_name, to_principals, except_principals
FROM control.visible_reach
WHERE policy_type = 'COLUMN_MASK';

CREATE VIEW information_schema.row_filters WITH (security_barrier) AS
SELECT catalog_name, schema_name, table_name, part[1] AS filter_catalog, part[2] AS filter_schema, part[3] AS filter_name,
       arguments AS filter_col_usage, catalog_name AS table_catalog, schema_name AS table_schema,
       arguments AS target_columns, policy_name, to_principals, except_principals
FROM control.visible_reach
WHERE policy_type = 'ROW_FILTER';

GRANT USAGE ON SCHEMA information_schema TO PUBLIC;

GRANT SELECT ON ALL TABLES IN SCHEMA information_schema TO PUBLIC;
