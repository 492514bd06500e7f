-- What readers of the database system find, beside the system tables: nothing that they could write, lock or fill.
REVOKE CREATE, TEMPORARY ON DATABASE system FROM PUBLIC;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Large objects, advisory locks, notifications, messages in the log and numbers of transactions are everybody's in PostgreSQL.
DO $$
DECLARE
    routine regprocedure;
BEGIN
    FOR routine IN
        SELECT p.oid
        FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND p.proname ~ '^(lo_|lo(read|write)$|pg_(try_)?advisory_|pg_(notify|logical_emit_message|export_snapshot|current_xact_id)$|txid_current$)'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    END LOOP;
END
$$;

CREATE OR REPLACE VIEW journal.viewer AS
SELECT r.administrator AND r.agent_ids IS NULL AS sees_all, r.principal, r.agents
FROM control.reader r
UNION ALL
-- Espalier itself.
SELECT true, NULL, NULL
FROM pg_catalog.pg_roles o
WHERE o.rolname = session_user AND o.rolsuper;

CREATE OR REPLACE VIEW journal.viewed_since AS
-- Who comes through an agent: since both are there, as the agent's name may have been another's, too.
SELECT greatest(p.create_time, a.create_time) AS since
FROM control.reader r
JOIN control.principal p ON p.name = r.principal
LEFT JOIN control.principal a ON a.kind = 'SERVICE_PRINCIPAL' AND a.uid = ANY (r.agents);

-- As it was when only administrators read it.
REVOKE ALL ON ALL TABLES IN SCHEMA journal FROM system_readers;

GRANT USAGE ON SCHEMA query TO PUBLIC;

GRANT SELECT ON query.history TO PUBLIC;
