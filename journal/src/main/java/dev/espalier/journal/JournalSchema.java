package dev.espalier.journal;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The system tables in the control database: schemas {@code journal}, {@code query}, {@code access} and
 * {@code billing}. */
public final class JournalSchema {

    private JournalSchema() {}

    /**
     * Makes the tables, or brings those of an older version up to date.
     *
     * @param dataSource to the database {@code system}, as a role that may create schemas
     * @throws IllegalStateException if a newer version has written them, or they cannot be made
     */
    public static void migrate(DataSource dataSource) {
        Migrations.run(
                Flyway.configure()
                        .dataSource(dataSource)
                        .locations("classpath:dev/espalier/journal/migrations")
                        .schemas("journal")
                        .table("migrations"),
                "the system tables");
    }
}
