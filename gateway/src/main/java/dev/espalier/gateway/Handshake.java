package dev.espalier.gateway;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of a connection until its session begins, and how it is refused. Used on the connection's loop only. */
final class Handshake {

    private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

    /** Characters of a name, or of a reason, which may quote names. */
    private static final int MAX_SAID = 512;

    private final Gateway gateway;
    private final Channel client;
    private final Optional<String> listenerBranch;
    private final String sessionId;

    private boolean encrypted;
    private @Nullable String sniHost;
    private String user = "";
    private String database = "";
    private String applicationName = "";
    private String options = "";
    private @Nullable Principal principal;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean over;

    /** How it ended is recorded, or of no interest. */
    private boolean settled;

    private boolean counted;

    /** Steps that are done elsewhere and may block. */
    private int blocking;

    Handshake(Gateway gateway, Channel client, Optional<String> listenerBranch) {
        this.gateway = gateway;
        this.client = client;
        this.listenerBranch = listenerBranch;
        this.sessionId = gateway.sessionIds().next();
    }

    Gateway gateway() {
        return gateway;
    }

    Channel client() {
        return client;
    }

    /** Counts the connection and gives it its time to sign in. */
    void begin() {
        Duration timeout = gateway.settings().handshakeTimeout();
        Wire.whenClosed(client, this::end);
        expireIn(
                timeout,
                () -> refuse(new Refusal(
                        "08006",
                        "the sign-in was not complete within " + timeout.toSeconds() + " s",
                        "Connect again and send the password at once.")));
        try {
            gateway.limits().beginHandshake(address().getAddress());
            counted = true;
        } catch (Refusal e) {
            refuse(e);
        }
    }

    /** Sets another time to end in, in place of the one before. */
    void expireIn(Duration time, Runnable expired) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        deadline = Wire.later(client, time.toMillis(), expired);
    }

    /** The session begins. */
    void finish() {
        settled = true;
        end();
    }

    private void end() {
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        endCount();
    }

    /**
     * Does elsewhere what may block. The connection counts until that is done, whether its client waits for it or not: who
     * hangs up and comes again has no more of them at work than who waits.
     */
    void block(Runnable steps) {
        blocking++;
        gateway.blocking().execute(() -> {
            try {
                steps.run();
            } finally {
                client.eventLoop().execute(this::hasBlocked);
            }
        });
    }

    private void hasBlocked() {
        blocking--;
        if (over) {
            endCount();
        }
    }

    private void endCount() {
        if (counted && blocking == 0) {
            counted = false;
            gateway.limits().endHandshake(address().getAddress());
        }
    }

    /** Whether nothing that still comes is of interest. */
    boolean isOver() {
        return over;
    }

    /** Nothing that still comes is of interest. */
    void ignoreRest() {
        over = true;
        settled = true;
    }

    boolean isEncrypted() {
        return encrypted;
    }

    void encrypted(@Nullable String requestedHost) {
        encrypted = true;
        sniHost = requestedHost;
    }

    void claims(String claimedUser, String claimedDatabase, String claimedApplication, String claimedOptions) {
        user = claimedUser;
        database = claimedDatabase;
        applicationName = claimedApplication;
        options = claimedOptions;
    }

    String user() {
        return user;
    }

    void verified(Principal found) {
        principal = found;
    }

    boolean isFromThisMachine() {
        return address().getAddress().isLoopbackAddress();
    }

    ClientInfo clientInfo() {
        return clientInfo(cut(applicationName));
    }

    private ClientInfo clientInfo(String application) {
        return new ClientInfo(
                sessionId, address(), encrypted, Optional.ofNullable(sniHost), listenerBranch, application);
    }

    /** As much of what anybody may say as is kept. */
    private static String cut(String said) {
        return said.length() <= MAX_SAID ? said : said.substring(0, MAX_SAID) + "…";
    }

    Target target(StartupOptions options) {
        return new Target(
                database,
                options.own(),
                Optional.ofNullable(sniHost),
                listenerBranch,
                Optional.ofNullable(options.settings().get("search_path")),
                options.applicationName());
    }

    /** Records the refusal, also of a client that has left meanwhile, tells the client, and closes the connection. */
    void refuse(Refusal refusal) {
        if (settled) {
            return;
        }
        record(refusal);
        turnAway(refusal);
    }

    private void record(Refusal refusal) {
        SessionRecord.Refused refused = new SessionRecord.Refused(
                gateway.clock().instant(),
                clientInfo(kept(applicationName)),
                kept(user),
                kept(database),
                Optional.ofNullable(principal),
                refusal.sqlState(),
                kept(refusal.reason(), List.of(user, database, applicationName, options)));
        if (principal == null) {
            gateway.refused().add(refused, client.eventLoop(), gateway::keepIfPossible);
        } else {
            gateway.keepIfPossible(refused);
        }
    }

    private String kept(String said) {
        return kept(said, List.of(said));
    }

    /** Without secrets before it is cut: half of one is not known for one. */
    private String kept(String words, List<String> said) {
        return cut(gateway.ports().classifier().withoutSecrets(words, said));
    }

    /** Refuses without a record, where there is no room for one. */
    void turnAway(Refusal refusal) {
        settled = true;
        over = true;
        endCount();
        if (client.isActive()) {
            Farewell.say(client, Messages.fatal(client.alloc(), refusal));
        }
    }

    /** An error of the gateway's own. */
    void broken(Throwable cause) {
        // Not what the client said: its secret may stand in any place.
        LOG.error("session {}: the sign-in broke", sessionId, cause);
        refuse(new Refusal(
                "XX000",
                "the sign-in failed for a reason of the gateway's own",
                "Ask the administrator to look for session " + sessionId + " in the server's log."));
    }

    private InetSocketAddress address() {
        return (InetSocketAddress) client.remoteAddress();
    }
}
