-- Who may assign and manage which governed tags, beside administrators. Without a principal: everybody.
CREATE TABLE control.tag_privilege (
    key          text NOT NULL REFERENCES control.governed_tag ON DELETE CASCADE,
    principal_id bigint REFERENCES control.principal (id) ON DELETE CASCADE,
    privilege    text NOT NULL CHECK (privilege IN ('MANAGE', 'ASSIGN')),
    UNIQUE NULLS NOT DISTINCT (key, principal_id, privilege)
);

CREATE INDEX tag_privilege_by_principal ON control.tag_privilege (principal_id);

-- Who has given it. Null for what was given before this was kept.
ALTER TABLE control.privilege ADD COLUMN granted_by text;

-- Of those that differ in what they take, each.
CREATE VIEW control.inventory_function AS
SELECT i.catalog_uid, f.schema AS schema_name, f.name AS function_name, f.owner, f.comment, f.parameters, f.returns, f.language,
       f.volatility, f.definer
FROM control.inventory i
CROSS JOIN LATERAL jsonb_to_recordset(i.content -> 'functions')
    AS f (schema text, name text, owner text, comment text, parameters jsonb, returns text, language text, volatility text,
          definer boolean);

-- Everything in catalogs that has a name here, on whatever branch it may be. An empty name: what lies above is meant.
CREATE OR REPLACE VIEW control.securable AS
SELECT k.catalog_uid, k.type, k.schema_name, k.object_name, max(k.owner) AS owner
FROM (
    SELECT c.uid, 'CATALOG', '', '', o.name FROM control.catalog c LEFT JOIN control.principal o ON o.id = c.owner_id
    UNION ALL
    SELECT catalog_uid, 'SCHEMA', schema_name, '', owner FROM control.inventory_schema
    UNION ALL
    SELECT catalog_uid, 'TABLE', schema_name, table_name, owner FROM control.inventory_table
    UNION ALL
    SELECT catalog_uid, 'FUNCTION', schema_name, function_name, owner FROM control.inventory_function
    UNION ALL
    SELECT catalog_uid, type, schema_name, object_name, NULL FROM control.privilege WHERE type IN ('TABLE', 'FUNCTION')
    UNION ALL
    SELECT catalog_uid, 'SCHEMA', schema_name, '', NULL FROM control.privilege WHERE type <> 'CATALOG'
    UNION ALL
    SELECT catalog_uid, 'TABLE', schema_name, table_name, NULL FROM control.classified_column
    UNION ALL
    SELECT catalog_uid, 'SCHEMA', schema_name, '', NULL FROM control.classified_column
    UNION ALL
    SELECT n.catalog_uid, 'TABLE', n.schema_name, n.object_name, NULL
    FROM (SELECT catalog_uid, schema_name, object_name FROM control.tag_assignment
          UNION ALL SELECT catalog_uid, schema_name, object_name FROM control.policy) n
    WHERE n.object_name <> ''
    UNION ALL
    SELECT n.catalog_uid, 'SCHEMA', n.schema_name, '', NULL
    FROM (SELECT catalog_uid, schema_name FROM control.tag_assignment
          UNION ALL SELECT catalog_uid, schema_name FROM control.policy) n
    WHERE n.schema_name <> ''
) AS k (catalog_uid, type, schema_name, object_name, owner)
GROUP BY k.catalog_uid, k.type, k.schema_name, k.object_name;

-- Which grants hold for which things: those on it, and those on what it lies in that can be given on such a thing.
CREATE OR REPLACE VIEW control.effective_privilege AS
SELECT s.catalog_uid, s.type, s.schema_name, s.object_name, g.principal_id, g.privilege, g.type AS given_on, g.granted_by
FROM control.securable s
JOIN control.privilege g
    ON g.catalog_uid = s.catalog_uid
    AND ((g.type = s.type AND g.schema_name = s.schema_name AND g.object_name = s.object_name)
         OR (g.type = 'CATALOG' AND s.type <> 'CATALOG')
         OR (g.type = 'SCHEMA' AND s.type IN ('TABLE', 'FUNCTION') AND g.schema_name = s.schema_name))
WHERE CASE s.type
          WHEN 'CATALOG' THEN true
          WHEN 'SCHEMA' THEN
              g.privilege NOT IN ('USE_CATALOG', 'CREATE_SCHEMA', 'CREATE_BRANCH', 'USE_BRANCH')
          WHEN 'FUNCTION' THEN g.privilege IN ('EXECUTE', 'MANAGE', 'BROWSE', 'ALL_PRIVILEGES')
          ELSE g.privilege IN ('SELECT', 'MODIFY', 'MANAGE', 'APPLY_TAG', 'BROWSE', 'ALL_PRIVILEGES')
      END;
