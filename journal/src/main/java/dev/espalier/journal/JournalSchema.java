package dev.espalier.journal;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** The system tables in the control database: schemas {@code journal}, {@code query}, {@code access} and
 * {@code billing}. */
public final class JournalSchema {

    private JournalSchema() {}

    /**
     * Makes the tables, or brings those of an older version up to date.
     *
     * @param dataSource to the database {@code system}, as a role that may create schemas
     * @throws JournalException if a newer version has written them, or they cannot be made
     */
    public static void migrate(DataSource dataSource) {
        Flyway flyway = Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:dev/espalier/journal/migrations")
                .schemas("journal")
                .table("migrations")
                // A database of a newer Espalier is refused, not written to.
                .ignoreMigrationPatterns("")
                .load();
        try {
            flyway.migrate();
        } catch (FlywayException e) {
            throw new JournalException(
                    "the system tables were written by a newer version of Espalier, or have been changed by hand. Start the "
                            + "version that wrote them, or name another home in ESPALIER_HOME. (" + e.getMessage()
                            + ")",
                    e);
        }
    }
}
