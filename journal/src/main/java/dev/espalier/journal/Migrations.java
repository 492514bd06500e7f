package dev.espalier.journal;

import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;

/** Makes the tables of a database, or brings those of an older version up to date. */
public final class Migrations {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private Migrations() {}

    /**
     * @param tables what they are called in messages
     * @throws IllegalStateException naming the cause and the fix; nothing has changed then
     */
    public static void run(FluentConfiguration flyway, String tables) {
        try {
            // A database of a newer Espalier is refused, not written to.
            flyway.ignoreMigrationPatterns("").load().migrate();
        } catch (FlywayValidateException e) {
            throw new IllegalStateException(
                    tables + " were written by a newer version of Espalier, or have been changed by hand. Start the "
                            + "version that wrote them, or name another home in ESPALIER_HOME. (" + e.getMessage()
                            + ")",
                    e);
        } catch (FlywayException e) {
            throw new IllegalStateException(
                    tables + " cannot be made or brought up to date: "
                            + said(e).map(Throwable::getMessage).orElseGet(() -> String.valueOf(e.getMessage())) + ". "
                            + fix(e),
                    e);
        }
    }

    /** What PostgreSQL has said. */
    private static Optional<SQLException> said(FlywayException failure) {
        return Stream.<Throwable>iterate(failure, cause -> cause != null, Throwable::getCause)
                .filter(SQLException.class::isInstance)
                .map(SQLException.class::cast)
                .reduce((_, last) -> last);
    }

    private static String fix(FlywayException failure) {
        return said(failure).map(SQLException::getSQLState).equals(Optional.of(INSUFFICIENT_PRIVILEGE))
                ? "Give the user of control.url CREATE on that database and on its schema public, and leave it the owner of what "
                        + "Espalier has made there."
                : "Mend that, and start again.";
    }
}
