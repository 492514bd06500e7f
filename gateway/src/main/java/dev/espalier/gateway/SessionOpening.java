package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * From the password to the session: verify, count, route and wake on a thread of its own, then log in to the backend on the
 * client's loop. Whatever was taken on the way is given back if it ends before the session is open.
 */
final class SessionOpening implements BackendLogin.Outcome {

    private final Handshake handshake;
    private final Gateway gateway;
    private final Channel client;
    private final ClientInfo info;
    private final Target target;
    private final StartupOptions options;
    private final int minor;

    /** What to give back, last taken first. Used by one thread after the other. */
    private final Deque<Runnable> taken = new ArrayDeque<>();

    /** On the loop only. */
    private boolean over;

    private @Nullable SessionInfo session;

    /** While it logs in. */
    private @Nullable Channel login;

    SessionOpening(Handshake handshake, StartupOptions options, int minor) {
        this.handshake = handshake;
        this.gateway = handshake.gateway();
        this.client = handshake.client();
        this.info = handshake.clientInfo();
        this.target = handshake.target(options);
        this.options = options;
        this.minor = minor;
        Wire.whenClosed(client, this::clientLeft);
    }

    /** For a client whose token or secret is still to be verified. */
    void verifyAndOpen(String user, String password) {
        block(() -> route(gateway.ports().signIn().verify(user, password, info)));
    }

    /** For a client that has proved who it is. */
    void open(Principal principal) {
        block(() -> route(principal));
    }

    private interface Blocking {
        SessionInfo run() throws Refusal;
    }

    private void block(Blocking steps) {
        try {
            gateway.refuseWhatCannotBeRecorded();
        } catch (Refusal e) {
            over = true;
            handshake.turnAway(e);
            return;
        }
        handshake.block(() -> {
            try {
                SessionInfo found = steps.run();
                client.eventLoop().execute(() -> connect(found));
            } catch (Refusal e) {
                client.eventLoop().execute(() -> refused(e));
            } catch (RuntimeException | Error e) {
                client.eventLoop().execute(() -> {
                    end();
                    handshake.broken(e);
                });
            }
        });
    }

    private SessionInfo route(Principal principal) throws Refusal {
        client.eventLoop().execute(() -> handshake.verified(principal));
        gateway.limits().beginPrincipal(principal.name());
        taken.push(() -> gateway.limits().endPrincipal(principal.name()));
        Route route = gateway.ports().router().route(principal, info, target);
        taken.push(() -> gateway.blocking().execute(route.lease()::close));
        gateway.limits().beginEndpoint(route.endpoint());
        taken.push(() -> gateway.limits().endEndpoint(route.endpoint()));
        return new SessionInfo(info, principal, route);
    }

    private void connect(SessionInfo found) {
        session = found;
        if (isOver()) {
            giveBack();
            clientLeft();
            return;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        // Stands above what somebody may have set for the database or the role; a session may choose for its own.
        parameters.put("synchronous_commit", "on");
        parameters.putAll(options.settings());
        found.route().rules().flatMap(SessionRules::searchPath).ifPresent(path -> parameters.put("search_path", path));
        // Last, so that nothing of the client's can take their place.
        parameters.put("user", found.route().role());
        parameters.put("database", found.route().database());
        parameters.put(
                "application_name",
                options.backendName(info.sessionId(), found.principal().acting()));
        login = ServerSockets.connect(
                client.eventLoop(),
                found.route().socketDirectory(),
                new BackendLogin(parameters, this),
                cause -> refused(new Refusal(
                        "57P03",
                        "the server of branch " + found.route().branch().name() + " cannot be reached: "
                                + cause.getMessage(),
                        "Try again in a moment.")));
    }

    /** Recorded when it is known who it was. */
    private void clientLeft() {
        if (session != null) {
            handshake.refuse(new Refusal("08006", "the client left before its session was ready", ""));
        }
        breakOff();
    }

    /** A server may take any time for a login; what was taken for it is given back when its connection ends. */
    private void breakOff() {
        over = true;
        if (login != null) {
            Wire.close(login);
        }
    }

    @Override
    public void ready(
            Channel backend, int processId, Secret secret, TextReading reading, ByteBuf greeting, ByteBuf ready) {
        login = null;
        SessionInfo opened = Objects.requireNonNull(session);
        if (isOver()) {
            greeting.release();
            ready.release();
            Wire.close(backend);
            giveBack();
            clientLeft();
            return;
        }
        try {
            gateway.keep(new SessionRecord.SignedIn(gateway.clock().instant(), opened, processId));
        } catch (Refusal e) {
            greeting.release();
            ready.release();
            Wire.close(backend);
            refused(e);
            return;
        }
        over = true;
        CancelKeys.Key key = gateway.cancelKeys()
                .issue(minor, new CancelKeys.Target(opened.route().socketDirectory(), processId, secret));
        taken.push(() -> gateway.cancelKeys().revoke(key));
        Messages.keyData(greeting, key.processId(), key.secret());
        Wire.write(client, greeting);
        Wire.flush(client, ready);
        handshake.finish();
        Session.begin(gateway, opened, client, backend, key.target(), reading, this::giveBack);
    }

    @Override
    public void refused(Refusal refusal) {
        end();
        handshake.refuse(refusal);
    }

    /** Ends an opening that took too long; what routing still brings is given back when it comes. */
    void timeOut() {
        if (!over) {
            handshake.refuse(new Refusal(
                    "57P03",
                    "the session could not be opened within "
                            + gateway.settings().openTimeout().toSeconds() + " s",
                    "Try again: the branch may be awake by then."));
            breakOff();
        }
    }

    /** Also where the client has been refused meanwhile, and is still being told. */
    private boolean isOver() {
        return over || handshake.isOver();
    }

    private void end() {
        giveBack();
        over = true;
    }

    private void giveBack() {
        while (!taken.isEmpty()) {
            taken.pop().run();
        }
    }
}
