-- Tags that were proposed for a column, and that a person has said it is not to have.
CREATE TABLE control.dismissed_proposal (
    catalog_uid  text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    schema_name  text NOT NULL,
    table_name   text NOT NULL,
    column_name  text NOT NULL,
    key          text NOT NULL,
    value        text NOT NULL,
    dismissed_by text NOT NULL,
    create_time  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (catalog_uid, schema_name, table_name, column_name, key, value)
);
