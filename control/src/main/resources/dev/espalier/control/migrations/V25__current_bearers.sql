-- Whether it bore the name when Espalier looked last; not known of those that were seen before this was kept, until the next look.
ALTER TABLE control.name_bearer ADD COLUMN current boolean NOT NULL DEFAULT false;

-- Which grants hold for which things: those on it, and those on what it lies in that can be given on such a thing; none for a table
-- that it is not on.
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
      END
  AND (s.type <> 'TABLE' OR g.not_on = '{}'
       OR NOT EXISTS (SELECT FROM control.name_bearer b
                      WHERE b.catalog_uid = s.catalog_uid AND b.schema_name = s.schema_name
                        AND b.table_name = s.object_name AND b.current AND b.number = ANY (g.not_on)));
