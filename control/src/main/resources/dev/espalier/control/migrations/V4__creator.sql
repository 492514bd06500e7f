-- Who made a branch, for the record of what it uses.
ALTER TABLE control.branch ADD COLUMN created_by text;
