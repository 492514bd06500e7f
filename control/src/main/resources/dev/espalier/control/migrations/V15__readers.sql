-- Who reads the database system, and what of the catalogs he may know of. Nobody but Espalier has a privilege on anything here;
-- the views of information_schema are built on it.

-- What an agent that acts for somebody signs in as. Everybody else is told by the name of his role.
CREATE TABLE control.agent_reader (
    role_name    text PRIMARY KEY,
    principal_id bigint NOT NULL REFERENCES control.principal (id) ON DELETE CASCADE,
    agent_id     bigint NOT NULL REFERENCES control.principal (id) ON DELETE CASCADE
);

-- What lay in a catalog when Espalier last looked: {"schemas": […], "tables": […]}.
CREATE TABLE control.inventory (
    catalog_uid text PRIMARY KEY REFERENCES control.catalog ON DELETE CASCADE,
    content     jsonb NOT NULL,
    seen_time   timestamptz NOT NULL
);

-- What policies do to which tables and columns, as it was after the last change. Without a column: to the rows.
CREATE TABLE control.policy_reach (
    policy_uid  text NOT NULL REFERENCES control.policy ON DELETE CASCADE,
    catalog_uid text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    column_name text NOT NULL,
    -- What the function is given besides the column that it masks.
    arguments   text NOT NULL,
    PRIMARY KEY (policy_uid, schema_name, table_name, column_name)
);

CREATE INDEX policy_reach_by_catalog ON control.policy_reach (catalog_uid);

-- Who asks, by the role that he has signed in with: nothing that a session can change. No row for who is no active principal.
CREATE VIEW control.reader AS
WITH RECURSIVE who AS (
    SELECT p.id AS principal_id, NULL::bigint AS agent_id
    FROM control.principal p
    WHERE p.kind <> 'GROUP' AND p.name = session_user::text
    UNION ALL
    SELECT a.principal_id, a.agent_id
    FROM control.agent_reader a
    WHERE a.role_name = session_user::text
),
part (of_agent, id) AS (
    SELECT false, w.principal_id FROM who w
    UNION ALL
    SELECT true, p.id
    FROM who w
    JOIN control.principal p ON p.id = w.agent_id OR (p.kind = 'GROUP' AND p.name = 'agents')
    WHERE w.agent_id IS NOT NULL
),
above (of_agent, id) AS (
    SELECT of_agent, id FROM part
    UNION
    SELECT a.of_agent, m.group_id
    FROM above a
    JOIN control.membership m ON m.member_id = a.id
)
SELECT p.name AS principal,
       ARRAY(SELECT a.id FROM above a WHERE NOT a.of_agent) AS ids,
       ARRAY(SELECT n.name FROM above a JOIN control.principal n USING (id) WHERE NOT a.of_agent) AS names,
       EXISTS (SELECT FROM above a JOIN control.principal n USING (id) WHERE NOT a.of_agent AND n.name = 'admins')
           AS administrator,
       -- Null for whoever acts for himself.
       CASE WHEN w.agent_id IS NOT NULL THEN ARRAY(SELECT a.id FROM above a WHERE a.of_agent) END AS agent_ids,
       -- What the history calls the agent. One of which nothing is known but that it is one cannot be told from others.
       CASE WHEN g.kind = 'GROUP' THEN ARRAY[]::text[]
            WHEN g.kind IS NOT NULL THEN ARRAY[g.name, g.uid] END AS agents
FROM who w
JOIN control.principal p ON p.id = w.principal_id AND p.active
LEFT JOIN control.principal g ON g.id = w.agent_id
WHERE w.agent_id IS NULL OR g.active;

CREATE VIEW control.inventory_schema AS
SELECT i.catalog_uid, s.name AS schema_name, s.owner, s.comment, i.seen_time
FROM control.inventory i
CROSS JOIN LATERAL jsonb_to_recordset(i.content -> 'schemas') AS s (name text, owner text, comment text);

CREATE VIEW control.inventory_table AS
SELECT i.catalog_uid, t.schema AS schema_name, t.name AS table_name, t.kind, t.owner, t.comment, t.columns, i.seen_time
FROM control.inventory i
CROSS JOIN LATERAL jsonb_to_recordset(i.content -> 'tables')
    AS t (schema text, name text, kind text, owner text, comment text, columns jsonb);

-- Everything in catalogs that has a name here, on whatever branch it may be. An empty name: what lies above is meant.
CREATE VIEW control.securable AS
SELECT k.catalog_uid, k.type, k.schema_name, k.object_name, max(k.owner) AS owner
FROM (
    SELECT c.uid, 'CATALOG', '', '', o.name FROM control.catalog c LEFT JOIN control.principal o ON o.id = c.owner_id
    UNION ALL
    SELECT catalog_uid, 'SCHEMA', schema_name, '', owner FROM control.inventory_schema
    UNION ALL
    SELECT catalog_uid, 'TABLE', schema_name, table_name, owner FROM control.inventory_table
    UNION ALL
    SELECT catalog_uid, type, schema_name, object_name, NULL FROM control.privilege WHERE type = 'TABLE'
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
CREATE VIEW control.effective_privilege AS
SELECT s.catalog_uid, s.type, s.schema_name, s.object_name, g.principal_id, g.privilege, g.type AS given_on
FROM control.securable s
JOIN control.privilege g
    ON g.catalog_uid = s.catalog_uid
    AND ((g.type = s.type AND g.schema_name = s.schema_name AND g.object_name = s.object_name)
         OR (g.type = 'CATALOG' AND s.type <> 'CATALOG')
         OR (g.type = 'SCHEMA' AND s.type = 'TABLE' AND g.schema_name = s.schema_name))
WHERE CASE s.type
          WHEN 'CATALOG' THEN true
          WHEN 'SCHEMA' THEN
              g.privilege NOT IN ('USE_CATALOG', 'CREATE_SCHEMA', 'CREATE_BRANCH', 'USE_BRANCH')
          ELSE g.privilege IN ('SELECT', 'MODIFY', 'MANAGE', 'APPLY_TAG', 'BROWSE', 'ALL_PRIVILEGES')
      END;

-- What who asks may know of: of the projects that he may use, what he or a group of his owns or has a privilege on, and
-- everything if he manages the project or is an administrator. An agent needs a privilege of its own besides.
CREATE VIEW control.visible AS
WITH given AS (
    SELECT g.catalog_uid, g.type, g.schema_name, g.object_name,
           bool_or(g.principal_id IS NULL OR g.principal_id = ANY (r.ids)) AS to_principal,
           bool_or(g.principal_id IS NULL OR g.principal_id = ANY (r.agent_ids)) AS to_agent
    FROM control.reader r
    CROSS JOIN control.effective_privilege g
    GROUP BY g.catalog_uid, g.type, g.schema_name, g.object_name
),
listed AS (
    SELECT a.project_uid, bool_or(a.permission = 'CAN_MANAGE') AS manages
    FROM control.reader r
    JOIN control.project_access a ON a.principal = ANY (r.names)
    GROUP BY a.project_uid
)
SELECT c.name AS catalog_name, s.*
FROM control.reader r
CROSS JOIN control.securable s
JOIN control.catalog c ON c.uid = s.catalog_uid
JOIN control.project p ON p.uid = c.project_uid AND p.delete_time IS NULL
LEFT JOIN listed l ON l.project_uid = c.project_uid
LEFT JOIN control.inventory_schema i ON i.catalog_uid = s.catalog_uid AND i.schema_name = s.schema_name
LEFT JOIN given g
    ON g.catalog_uid = s.catalog_uid AND g.type = s.type AND g.schema_name = s.schema_name AND g.object_name = s.object_name
WHERE (r.administrator
       OR l.manages
       OR (l.project_uid IS NOT NULL
           AND (c.owner_id = ANY (r.ids) OR i.owner = ANY (r.names) OR s.owner = ANY (r.names) OR g.to_principal)))
  AND (r.agent_ids IS NULL OR g.to_agent);
