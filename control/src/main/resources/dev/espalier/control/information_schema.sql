-- Unity Catalog's information schema, in the place of PostgreSQL's own, which knows of this database only. Made anew at every
-- start. Everybody reads it, and sees what control.visible shows him; PostgreSQL's privileges say what there is of the catalog
-- system itself.
DROP SCHEMA IF EXISTS information_schema CASCADE;

CREATE SCHEMA information_schema;

CREATE VIEW information_schema.catalogs WITH (security_barrier) AS
SELECT v.catalog_name, v.owner AS catalog_owner, c.comment, c.create_time AS created, NULL::text AS created_by,
       c.update_time AS last_altered, NULL::text AS last_altered_by,
       p.project_id, c.database AS database_name, c.governed AS is_governed
FROM control.visible v
JOIN control.catalog c ON c.uid = v.catalog_uid
JOIN control.project p ON p.uid = c.project_uid
WHERE v.type = 'CATALOG';

GRANT USAGE ON SCHEMA information_schema TO PUBLIC;

GRANT SELECT ON ALL TABLES IN SCHEMA information_schema TO PUBLIC;
