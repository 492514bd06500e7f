package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.PrincipalKind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The client secrets of service principals: several each, so that a program can be given a new one before the old one ends. */
public final class Secrets {

    /** Most that a service principal has at a time. */
    private static final int MOST = 5;

    /** What is known of a secret, without the secret. */
    public record Secret(String id, Instant created, Optional<Instant> expires) {}

    private final Jdbi jdbi;
    private final Directory directory;
    private final Clock clock;

    Secrets(Jdbi jdbi, Directory directory, Clock clock) {
        this.jdbi = jdbi;
        this.directory = directory;
        this.clock = clock;
    }

    /** Those that are good still, the newest first. */
    public List<Secret> list(long principal) {
        directory.get(PrincipalKind.SERVICE_PRINCIPAL, principal);
        return jdbi.withHandle(handle -> good(handle, principal));
    }

    /**
     * Keeps a new one.
     *
     * @param lifetime empty for one that does not end
     * @param keep makes what is kept of it from what is kept of the others
     * @throws ControlException if there are too many already
     */
    public Secret create(long principal, Optional<Duration> lifetime, Function<List<String>, String> keep) {
        directory.get(PrincipalKind.SERVICE_PRINCIPAL, principal);
        return jdbi.inTransaction(handle -> {
            handle.execute(
                    "DELETE FROM control.client_secret WHERE principal_id = ? AND expire_time <= now()", principal);
            List<String> others =
                    handle.select("""
                            SELECT s.kept
                            FROM control.client_secret s
                            JOIN control.principal p ON p.id = s.principal_id
                            WHERE p.id = ?
                            ORDER BY s.create_time DESC, s.uid
                            FOR UPDATE OF p
                            """, principal).mapTo(String.class).list();
            if (others.size() >= MOST) {
                throw new ControlException(
                        Code.RESOURCE_EXHAUSTED,
                        "there are " + MOST
                                + " secrets already, and there can be no more at a time. Delete one that is "
                                + "not used any more.",
                        "TOO_MANY_SECRETS",
                        Map.of());
            }
            String id = PrincipalTable.addSecret(
                    handle, principal, keep.apply(others), lifetime.map(clock.instant()::plus));
            return good(handle, principal).stream()
                    .filter(secret -> secret.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new ControlException(
                            Code.INVALID_PARAMETER_VALUE, "the lifetime is over already. Give a longer one."));
        });
    }

    /** Revokes one: it opens nothing from now on. */
    public void delete(long principal, String id) {
        directory.get(PrincipalKind.SERVICE_PRINCIPAL, principal);
        jdbi.useTransaction(handle -> {
            PrincipalTable.lockMemberships(handle);
            int deleted = handle.execute(
                    "DELETE FROM control.client_secret WHERE principal_id = ? AND uid = ?", principal, id);
            if (deleted == 0) {
                throw new ControlException(
                        Code.NOT_FOUND,
                        "there is no secret with the id " + id
                                + ". List the principal's secrets to see which there are.");
            }
            Directory.requireAdministrator(handle, "this secret");
        });
    }

    private static List<Secret> good(Handle handle, long principal) {
        return handle.select("""
                        SELECT uid, create_time, expire_time
                        FROM control.client_secret
                        WHERE principal_id = ? AND (expire_time IS NULL OR expire_time > now())
                        ORDER BY create_time DESC, uid
                        """, principal)
                .map((row, context) -> new Secret(
                        row.getString("uid"),
                        Columns.instant(row, "create_time"),
                        Columns.optionalInstant(row, "expire_time")))
                .list();
    }
}
