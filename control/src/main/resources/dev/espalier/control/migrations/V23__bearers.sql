-- Tables and schemas that the default branch has been seen to have by a name; a schema's has no table_name. The number is PostgreSQL's,
-- which copies keep. What bears a name is not always what bore it.
CREATE TABLE control.name_bearer (
    catalog_uid text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    number      bigint NOT NULL,
    PRIMARY KEY (catalog_uid, schema_name, table_name, number)
);

-- Numbers of the tables that the privilege is not on: they had the name, or lay in the schema, and did no more when it was given.
ALTER TABLE control.privilege ADD COLUMN not_on bigint[] NOT NULL DEFAULT '{}';
