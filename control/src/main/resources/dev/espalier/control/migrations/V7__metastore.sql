-- Unity Catalog's model: catalogs, who may do what with what is in them, tags, and policies that read the tags. What lies in a
-- catalog is read from its project's default branch; here things are known by their names. An empty name of a schema, an
-- object or a column means that the row is about what lies above.

-- Counts the changes. Whoever changes anything of this holds the row until the end of his transaction.
CREATE TABLE control.metastore (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    uid      text NOT NULL DEFAULT gen_random_uuid()::text,
    epoch    bigint NOT NULL
);
INSERT INTO control.metastore (epoch) VALUES (1);

-- One for each database of a project, on all its branches.
CREATE TABLE control.catalog (
    uid         text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_uid text NOT NULL REFERENCES control.project ON DELETE CASCADE,
    database    text NOT NULL,
    name        text NOT NULL UNIQUE,
    owner_id    bigint REFERENCES control.principal (id) ON DELETE SET NULL,
    comment     text,
    -- Of the last change that concerns it.
    epoch       bigint NOT NULL,
    -- Whether it has, or has ever had, a grant or a policy: its databases are under rules since.
    governed    boolean NOT NULL DEFAULT false,
    create_time timestamptz NOT NULL DEFAULT now(),
    update_time timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_uid, database)
);

INSERT INTO control.catalog (project_uid, database, name, owner_id, epoch)
SELECT p.uid, k.name,
       CASE WHEN row_number() OVER (PARTITION BY k.name ORDER BY p.delete_time NULLS FIRST, p.create_time, p.uid) = 1
            THEN k.name
            ELSE replace(p.project_id, '-', '_') || '_' || k.name END,
       o.id, 1
FROM control.known_database k
JOIN control.project p ON p.uid = k.project_uid
LEFT JOIN control.principal o ON o.name = p.owner
-- One whose name is taken comes when somebody signs in to its database.
ON CONFLICT DO NOTHING;

-- Without a principal: to everybody.
CREATE TABLE control.privilege (
    catalog_uid  text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    type         text NOT NULL CHECK (type IN ('CATALOG', 'SCHEMA', 'TABLE', 'FUNCTION')),
    schema_name  text NOT NULL,
    object_name  text NOT NULL,
    principal_id bigint REFERENCES control.principal (id) ON DELETE CASCADE,
    privilege    text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (catalog_uid, type, schema_name, object_name, principal_id, privilege)
);

CREATE INDEX privilege_by_principal ON control.privilege (principal_id);

-- Keys that may be assigned. Without allowed values: any value.
CREATE TABLE control.governed_tag (
    key            text PRIMARY KEY,
    uid            text NOT NULL DEFAULT gen_random_uuid()::text,
    description    text,
    allowed_values text[] NOT NULL,
    create_time    timestamptz NOT NULL,
    update_time    timestamptz NOT NULL
);

CREATE TABLE control.tag_assignment (
    catalog_uid text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    schema_name text NOT NULL,
    object_name text NOT NULL,
    column_name text NOT NULL,
    key         text NOT NULL REFERENCES control.governed_tag,
    value       text NOT NULL,
    updated_by  text NOT NULL,
    update_time timestamptz NOT NULL,
    PRIMARY KEY (catalog_uid, schema_name, object_name, column_name, key)
);

CREATE INDEX tag_assignment_by_key ON control.tag_assignment (key);

CREATE TABLE control.policy (
    uid            text PRIMARY KEY,
    catalog_uid    text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    schema_name    text NOT NULL,
    object_name    text NOT NULL,
    name           text NOT NULL,
    comment        text,
    effect         text NOT NULL CHECK (effect IN ('ROW_FILTER', 'COLUMN_MASK')),
    function       text NOT NULL,
    -- Alias of the columns to mask; only of a mask.
    on_column      text,
    when_condition text NOT NULL,
    -- [{"alias": …, "condition": …}]
    match_columns  jsonb NOT NULL,
    -- [{"alias": …} or {"constant": …}]
    arguments      jsonb NOT NULL,
    created_by     text NOT NULL,
    create_time    timestamptz NOT NULL,
    updated_by     text NOT NULL,
    update_time    timestamptz NOT NULL,
    UNIQUE (catalog_uid, schema_name, object_name, name)
);

-- Whom policies bind, or, as an exception, do not. Without a principal: everybody.
CREATE TABLE control.policy_principal (
    policy_uid   text NOT NULL REFERENCES control.policy ON DELETE CASCADE,
    principal_id bigint REFERENCES control.principal (id) ON DELETE CASCADE,
    excepted     boolean NOT NULL,
    UNIQUE NULLS NOT DISTINCT (policy_uid, principal_id, excepted)
);

CREATE INDEX policy_principal_by_principal ON control.policy_principal (principal_id);

-- Columns that were there when the catalog came under rules: somebody has looked at them, tagged or not.
CREATE TABLE control.classified_column (
    catalog_uid text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    column_name text NOT NULL,
    PRIMARY KEY (catalog_uid, schema_name, table_name, column_name)
);

-- What was proved of branches. Kept when they are gone.
CREATE TABLE control.attestation (
    uid         text PRIMARY KEY,
    project_uid text NOT NULL,
    project_id  text NOT NULL,
    branch_uid  text NOT NULL,
    branch_id   text NOT NULL,
    verified    timestamptz NOT NULL,
    verified_by text NOT NULL,
    -- JSON Web Signature over all of it, compact.
    signed      text NOT NULL
);

CREATE INDEX attestation_by_branch ON control.attestation (branch_uid, verified);

-- One row for each database that is under rules.
CREATE TABLE control.attested_database (
    attestation_uid text NOT NULL REFERENCES control.attestation ON DELETE CASCADE,
    catalog         text NOT NULL,
    database        text NOT NULL,
    epoch           bigint NOT NULL,
    frame           text NOT NULL,
    checks          text[] NOT NULL,
    warnings        text[] NOT NULL,
    PRIMARY KEY (attestation_uid, database)
);

-- What administrators read in the database system.
CREATE SCHEMA governance;

CREATE VIEW governance.attestations AS
SELECT a.uid AS attestation_id, a.verified AS verified_at, a.verified_by, a.project_id, a.project_uid, a.branch_id,
       a.branch_uid, d.catalog, d.database, d.epoch, d.frame, d.checks, d.warnings, a.signed
FROM control.attestation a
JOIN control.attested_database d ON d.attestation_uid = a.uid;

CREATE VIEW governance.privileges AS
SELECT c.name AS catalog_name, g.type AS securable_type, nullif(g.schema_name, '') AS schema_name,
       nullif(g.object_name, '') AS object_name, coalesce(p.name, 'account users') AS grantee, g.privilege
FROM control.privilege g
JOIN control.catalog c ON c.uid = g.catalog_uid
LEFT JOIN control.principal p ON p.id = g.principal_id;

CREATE VIEW governance.tags AS
SELECT c.name AS catalog_name, nullif(t.schema_name, '') AS schema_name, nullif(t.object_name, '') AS table_name,
       nullif(t.column_name, '') AS column_name, t.key AS tag_name, t.value AS tag_value, t.updated_by,
       t.update_time AS updated_at
FROM control.tag_assignment t
JOIN control.catalog c ON c.uid = t.catalog_uid;

CREATE VIEW governance.column_tags AS
SELECT catalog_name, schema_name, table_name, column_name, tag_name, tag_value, updated_by, updated_at
FROM governance.tags
WHERE column_name IS NOT NULL;

CREATE VIEW governance.policies AS
SELECT p.uid AS policy_id, p.name AS policy_name, p.effect AS policy_type, c.name AS catalog_name,
       nullif(p.schema_name, '') AS schema_name, nullif(p.object_name, '') AS table_name, p.function AS function_name,
       p.on_column, p.when_condition, p.match_columns, p.arguments AS using_arguments,
       ARRAY(SELECT coalesce(n.name, 'account users')
             FROM control.policy_principal w
             LEFT JOIN control.principal n ON n.id = w.principal_id
             WHERE w.policy_uid = p.uid AND NOT w.excepted
             ORDER BY 1) AS to_principals,
       ARRAY(SELECT coalesce(n.name, 'account users')
             FROM control.policy_principal w
             LEFT JOIN control.principal n ON n.id = w.principal_id
             WHERE w.policy_uid = p.uid AND w.excepted
             ORDER BY 1) AS except_principals,
       p.comment, p.created_by, p.create_time AS created_at, p.updated_by, p.update_time AS updated_at
FROM control.policy p
JOIN control.catalog c ON c.uid = p.catalog_uid;

CREATE VIEW governance.column_masks AS
SELECT * FROM governance.policies WHERE policy_type = 'COLUMN_MASK';

CREATE VIEW governance.row_filters AS
SELECT * FROM governance.policies WHERE policy_type = 'ROW_FILTER';
