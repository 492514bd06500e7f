-- Columns that the default branch has, or had when somebody looked, under another name than it was first seen with: copies that
-- lack the rename have the first one.
CREATE TABLE control.renamed_column (
    catalog_uid text NOT NULL REFERENCES control.catalog ON DELETE CASCADE,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    column_name text NOT NULL,
    now_schema  text NOT NULL,
    now_table   text NOT NULL,
    now_column  text NOT NULL,
    PRIMARY KEY (catalog_uid, schema_name, table_name, column_name, now_schema, now_table, now_column)
);

-- Whether the default branch has had it no more when the rules were changed: copies that still have it are looked at anew.
ALTER TABLE control.classified_column ADD COLUMN gone boolean NOT NULL DEFAULT false;
