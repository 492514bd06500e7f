-- Names of the extensions that may be made in a project's databases, as JSON; null where nobody has ever said so.
ALTER TABLE control.project ADD COLUMN extensions_allowed text;
