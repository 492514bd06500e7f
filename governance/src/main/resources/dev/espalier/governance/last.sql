-- Comes last: nobody but the superuser calls any of it, the hooks are on, and what it all was is known.

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA espalier_governance FROM PUBLIC;

CREATE EVENT TRIGGER espalier_start ON ddl_command_start EXECUTE FUNCTION espalier_governance.on_start();
CREATE EVENT TRIGGER espalier_end ON ddl_command_end EXECUTE FUNCTION espalier_governance.on_end();
CREATE EVENT TRIGGER espalier_drop ON sql_drop EXECUTE FUNCTION espalier_governance.on_drop();
-- Also where triggers are turned off, as replication does.
ALTER EVENT TRIGGER espalier_start ENABLE ALWAYS;
ALTER EVENT TRIGGER espalier_end ENABLE ALWAYS;
ALTER EVENT TRIGGER espalier_drop ENABLE ALWAYS;

-- What masks the rows of a mirror goes on under another version of the library.
DO $$
BEGIN
    IF EXISTS (
            SELECT FROM pg_proc f JOIN pg_roles r ON r.oid = f.proowner
            WHERE f.pronamespace = to_regnamespace('espalier_mirror') AND r.rolname = 'espalier_masker') THEN
        GRANT USAGE ON SCHEMA espalier_mask TO espalier_masker;
    END IF;
END $$;

INSERT INTO espalier_governance.relation_lock (relid) SELECT oid FROM espalier_governance.governed_relation;

UPDATE espalier_governance.state
SET machinery = espalier_governance.machinery(), machinery_versions = espalier_governance.machinery_versions();
