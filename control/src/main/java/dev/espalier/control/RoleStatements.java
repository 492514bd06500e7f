package dev.espalier.control;

import dev.espalier.postgres.Identifiers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The statements that make and change roles. */
final class RoleStatements {

    /** From this version on, a role that may create roles can only grant what it has been given itself. */
    private static final int SAFE_CREATEROLE = 16;

    private RoleStatements() {}

    /** Makes what every cluster has: the role of its users with the most rights, and the record of resources. */
    static void prepareCluster(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("CREATE ROLE " + Role.SUPERUSER + " NOLOGIN");
            statement.execute(
                    "GRANT pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend, pg_checkpoint TO "
                            + Role.SUPERUSER);
            statement.execute("CREATE SCHEMA espalier");
            statement.execute("""
                    CREATE TABLE espalier.resource (
                        kind          text NOT NULL,
                        id            text NOT NULL,
                        name          text NOT NULL,
                        identity_type text,
                        auth_method   text,
                        PRIMARY KEY (kind, id),
                        UNIQUE (kind, name)
                    )
                    """);
            // pg_write_all_data reaches every table. No policy lets anyone see or change a row; the trigger
            // stands in the way of those whom policies do not bind.
            statement.execute("ALTER TABLE espalier.resource ENABLE ROW LEVEL SECURITY");
            statement.execute("""
                    CREATE FUNCTION espalier.refuse_change() RETURNS trigger LANGUAGE plpgsql
                    SET search_path = pg_catalog, pg_temp AS $$
                    BEGIN
                        IF session_user <> 'espalier' THEN
                            RAISE EXCEPTION 'only the API changes the names of resources'
                                USING ERRCODE = 'insufficient_privilege';
                        END IF;
                        RETURN NULL;
                    END $$
                    """);
            statement.execute("""
                    CREATE TRIGGER refuse_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON espalier.resource
                    FOR EACH STATEMENT EXECUTE FUNCTION espalier.refuse_change()
                    """);
            statement.execute("ALTER TABLE espalier.resource ENABLE ALWAYS TRIGGER refuse_change");
        }
    }

    /** Makes the role of whoever has made the cluster. */
    static void createMaker(Connection session, int major, String maker) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("CREATE ROLE " + Identifiers.quoted(maker) + " LOGIN CREATEDB" + createRole(major, true)
                    + " IN ROLE " + Role.SUPERUSER);
        }
    }

    /** Attributes as CREATE ROLE and ALTER ROLE take them. */
    static String attributes(Role.Attributes attributes, boolean login, int major) {
        return changed(RoleChange.Attributes.to(attributes), Optional.of(login), major);
    }

    /** Those that change, as ALTER ROLE takes them. */
    static String changed(RoleChange.Attributes attributes, Optional<Boolean> login, int major) {
        return login.map(wanted -> wanted ? " LOGIN" : " NOLOGIN").orElse("")
                + attributes
                        .createdb()
                        .map(wanted -> wanted ? " CREATEDB" : " NOCREATEDB")
                        .orElse("")
                + attributes
                        .createrole()
                        .map(wanted -> createRole(major, wanted))
                        .orElse("")
                + attributes
                        .bypassrls()
                        .map(wanted -> wanted ? " BYPASSRLS" : " NOBYPASSRLS")
                        .orElse("");
    }

    private static String createRole(int major, boolean wanted) {
        return wanted && major >= SAFE_CREATEROLE ? " CREATEROLE" : " NOCREATEROLE";
    }
}
