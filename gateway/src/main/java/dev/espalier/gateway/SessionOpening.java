package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From the password to the session: verify, count, route and wake on a virtual thread, then log in to the backend on the
 * client's loop. Whatever was taken on the way is given back if it ends before the session is open.
 */
final class SessionOpening implements BackendLogin.Outcome {

    private static final Logger LOG = LoggerFactory.getLogger(SessionOpening.class);

    private final Gateway gateway;
    private final Channel client;
    private final ClientInfo info;
    private final Target target;
    private final StartupOptions options;
    private final int minor;
    private final Consumer<Refusal> refused;

    /** What to give back, last taken first. Used by one thread after the other. */
    private final Deque<Runnable> taken = new ArrayDeque<>();

    /** On the loop only. */
    private boolean over;

    private @Nullable SessionInfo session;
    private volatile @Nullable Principal verified;

    SessionOpening(
            Gateway gateway,
            Channel client,
            ClientInfo info,
            Target target,
            StartupOptions options,
            int minor,
            Consumer<Refusal> refused) {
        this.gateway = gateway;
        this.client = client;
        this.info = info;
        this.target = target;
        this.options = options;
        this.minor = minor;
        this.refused = refused;
    }

    void begin(String user, String password) {
        Wire.whenClosed(client, () -> over = true);
        gateway.blocking().execute(() -> {
            try {
                SessionInfo found = signInAndRoute(user, password);
                client.eventLoop().execute(() -> connect(found));
            } catch (Refusal e) {
                client.eventLoop().execute(() -> end(e));
            } catch (RuntimeException e) {
                LOG.error("session {}: sign-in of {} to {} failed", info.sessionId(), user, target, e);
                client.eventLoop()
                        .execute(() -> end(new Refusal(
                                "XX000",
                                "the sign-in failed for a reason of the gateway's own",
                                "Ask the administrator to look for session " + info.sessionId()
                                        + " in the server's log.")));
            }
        });
    }

    private SessionInfo signInAndRoute(String user, String password) throws Refusal {
        Principal principal = gateway.ports().signIn().verify(user, password, info);
        verified = principal;
        gateway.limits().beginPrincipal(principal.name());
        taken.push(() -> gateway.limits().endPrincipal(principal.name()));
        Route route = gateway.ports().router().route(principal, target);
        taken.push(() -> gateway.blocking().execute(route.lease()::close));
        gateway.limits().beginEndpoint(route.endpoint());
        taken.push(() -> gateway.limits().endEndpoint(route.endpoint()));
        return new SessionInfo(info, principal, route);
    }

    /** Who it is, once that is verified. */
    Optional<Principal> principal() {
        return Optional.ofNullable(verified);
    }

    private void connect(SessionInfo found) {
        session = found;
        if (over) {
            giveBack();
            return;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", found.route().role());
        parameters.put("database", found.route().database());
        parameters.putAll(options.settings());
        parameters.put("application_name", ApplicationTag.of(options.applicationName(), info.sessionId()));
        Channel _ = ServerSockets.connect(
                client.eventLoop(),
                found.route().socketDirectory(),
                new BackendLogin(parameters, this),
                cause -> refused(new Refusal(
                        "57P03",
                        "the server of branch " + found.route().branch().name() + " cannot be reached: "
                                + cause.getMessage(),
                        "Try again in a moment.")));
    }

    @Override
    public void ready(Channel backend, int processId, Secret secret, ByteBuf greeting, ByteBuf ready) {
        SessionInfo opened = Objects.requireNonNull(session);
        if (over) {
            greeting.release();
            ready.release();
            Wire.close(backend);
            giveBack();
            return;
        }
        try {
            gateway.keep(new SessionRecord.SignedIn(gateway.clock().instant(), opened));
        } catch (Refusal e) {
            greeting.release();
            ready.release();
            Wire.close(backend);
            end(e);
            return;
        }
        over = true;
        CancelKeys.Key key = gateway.cancelKeys()
                .issue(minor, new CancelKeys.Target(opened.route().socketDirectory(), processId, secret));
        taken.push(() -> gateway.cancelKeys().revoke(key));
        Messages.keyData(greeting, key.processId(), key.secret());
        Wire.write(client, greeting);
        Wire.flush(client, ready);
        Session.begin(gateway, opened, client, backend, key.target(), this::giveBack);
    }

    @Override
    public void refused(Refusal refusal) {
        end(refusal);
    }

    /** Ends an opening that took too long; what it still brings is given back when it comes. */
    void timeOut() {
        if (!over) {
            over = true;
            refused.accept(new Refusal(
                    "57P03",
                    "the session could not be opened within "
                            + gateway.settings().openTimeout().toSeconds() + " s",
                    "Try again: the branch may be awake by then."));
        }
    }

    private void end(Refusal refusal) {
        giveBack();
        if (!over) {
            over = true;
            refused.accept(refusal);
        }
    }

    private void giveBack() {
        while (!taken.isEmpty()) {
            taken.pop().run();
        }
    }

    static void recordRefusal(
            Gateway gateway,
            ClientInfo client,
            String user,
            String database,
            Optional<Principal> principal,
            Refusal refusal) {
        try {
            gateway.keep(new SessionRecord.Refused(
                    gateway.clock().instant(),
                    client,
                    user,
                    database,
                    principal,
                    refusal.sqlState(),
                    refusal.reason()));
        } catch (Refusal e) {
            // Already in the log, and the client is refused as it is.
            LOG.debug("session {}: {}", client.sessionId(), e.reason());
        }
    }
}
