package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Page;
import dev.espalier.control.request.PageTokens;
import dev.espalier.control.request.Place;
import dev.espalier.control.request.ResourceName;
import dev.espalier.control.setting.ControlSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Remembers every call of the API: who, from where, what, with what result. */
public final class Calls {

    /**
     * The session of a call that came as a statement; empty for what is not named.
     *
     * @param agent that acts for the principal
     * @param application that asked for the agent's credential
     * @param tool of the agent's
     */
    public record Via(String sessionId, String agent, String application, String tool) {

        /** The API, where each call stands for itself. */
        public static final Via API = new Via("", "", "", "");
    }

    /**
     * One call.
     *
     * @param principal who; empty for a call that was refused because nobody had signed in
     * @param errorCode code of the refusal, if there was one
     * @param via is for the witness, and not remembered here
     * @param place that it was about; for the witness, too
     */
    public record Call(
            String requestId,
            Instant called,
            Optional<String> principal,
            String sourceAddress,
            Optional<String> userAgent,
            String method,
            String path,
            int statusCode,
            Optional<String> errorCode,
            Duration duration,
            Via via,
            Place place) {}

    /** Who else wants to know of calls. */
    @FunctionalInterface
    public interface Witness {

        /** Why he could not take note now; nothing is changed then. */
        default Optional<String> obstacle() {
            return Optional.empty();
        }

        /**
         * Called before the caller is answered.
         *
         * @param operation name of the API's method; empty where there is none at that path
         * @param parameters of its path and query
         * @throws ControlException if he could not take note, and must
         */
        void saw(Call call, Optional<String> operation, Map<String, String> parameters);

        /**
         * Called when an operation has come to its end, before that is committed: for the same operation it may be called again, and the
         * last time counts. Failures are logged, and change nothing.
         */
        default void ended(OperationEnd end) {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    private record Numbered(long id, Call call) {}

    private final Jdbi jdbi;
    private final Clock clock;
    private final ControlSettings settings;
    private final Witness witness;

    Calls(Jdbi jdbi, Clock clock, ControlSettings settings, Witness witness) {
        this.witness = witness;
        this.jdbi = jdbi;
        this.clock = clock;
        this.settings = settings;
    }

    /** @throws ControlException if a change could not be recorded now, so that it must not begin */
    public void refuseWhatCannotBeRecorded() {
        witness.obstacle().ifPresent(why -> {
            throw new ControlException(
                    ControlException.Code.TEMPORARILY_UNAVAILABLE,
                    "nothing is changed while it cannot be recorded: " + why);
        });
    }

    /**
     * What the name means now. Without ids where that cannot be found out: a call is recorded all the same.
     *
     * @param deleted whether what is deleted and could be brought back counts, too, where nothing of that name lives
     */
    public Place place(ResourceName name, boolean deleted) {
        try {
            return jdbi.withHandle(handle -> Places.find(handle, name, deleted));
        } catch (RuntimeException e) {
            LOG.warn("what {} is could not be found out for the audit: {}", name, e.getMessage());
            return Places.named(name);
        }
    }

    /**
     * Writes the call down; the caller is answered after that.
     *
     * @param must whether the caller is to be told if the witness could not take note
     * @throws ControlException if it could not, and must
     */
    public void record(Call call, Optional<String> operation, Map<String, String> parameters, boolean must) {
        Optional<ControlException> unseen = Optional.empty();
        try {
            witness.saw(call, operation, parameters);
        } catch (ControlException e) {
            LOG.warn(
                    "request {}: {} {} is not in the audit: {}",
                    call.requestId(),
                    call.method(),
                    call.path(),
                    e.getMessage());
            unseen = Optional.of(e).filter(_ -> must);
        }
        try {
            write(call);
        } catch (RuntimeException e) {
            // What was done is done and in the audit, and what was refused may be so for this very reason.
            LOG.warn(
                    "request {}: {} {} is not among the calls: {}",
                    call.requestId(),
                    call.method(),
                    call.path(),
                    e.getMessage());
        }
        if (unseen.isPresent()) {
            throw unseen.get();
        }
    }

    private void write(Call call) {
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO control.call (request_id, called, principal, source_address, user_agent, method, path, "
                        + "status_code, error_code, duration_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                call.requestId(),
                timestamp(call.called()),
                call.principal().orElse(null),
                call.sourceAddress(),
                call.userAgent().orElse(null),
                call.method(),
                call.path(),
                call.statusCode(),
                call.errorCode().orElse(null),
                call.duration().toNanos() / 1000));
    }

    /** The calls, newest first. */
    public Page<Call> list(
            int pageSize, Optional<String> pageToken, Optional<String> principal, Optional<Instant> since) {
        int size = PageTokens.size(pageSize);
        PageTokens.After after = PageTokens.read(pageToken);
        long before = after.uid().isEmpty() ? Long.MAX_VALUE : PageTokens.number(after);
        List<Numbered> found = jdbi.withHandle(handle -> handle.select(
                        """
                        SELECT * FROM control.call
                        WHERE id < ? AND (?::text IS NULL OR principal = ?) AND called >= ?
                        ORDER BY id DESC
                        LIMIT ?
                        """,
                        before,
                        principal.orElse(null),
                        principal.orElse(null),
                        timestamp(since.orElse(Instant.EPOCH)),
                        size + 1)
                .map((row, context) -> new Numbered(
                        row.getLong("id"),
                        new Call(
                                row.getString("request_id"),
                                Columns.instant(row, "called"),
                                Columns.optionalText(row, "principal"),
                                row.getString("source_address"),
                                Columns.optionalText(row, "user_agent"),
                                row.getString("method"),
                                row.getString("path"),
                                row.getInt("status_code"),
                                Columns.optionalText(row, "error_code"),
                                Duration.ofNanos(row.getLong("duration_us") * 1000),
                                Via.API,
                                Place.NONE)))
                .list());
        Page<Numbered> page = PageTokens.page(
                found, size, numbered -> new PageTokens.After(numbered.call().called(), Long.toString(numbered.id())));
        return new Page<>(page.items().stream().map(Numbered::call).toList(), page.nextToken());
    }

    /** Forgets the calls that are older than the operator wants. */
    void forgetOld() {
        Instant oldest = clock.instant().minus(settings.callRetention());
        jdbi.useHandle(handle -> handle.execute("DELETE FROM control.call WHERE called < ?", timestamp(oldest)));
    }
}
