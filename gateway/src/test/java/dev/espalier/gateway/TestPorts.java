package dev.espalier.gateway;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The gateway's neighbours, as small as they can be: passwords and branches in maps, records in lists. */
final class TestPorts implements SignIn, Router, Classifier, StatementSink {

    static final String PASSWORD = "correct horse";

    final List<StatementRecord> statements = new CopyOnWriteArrayList<>();
    final List<SessionRecord> sessions = new CopyOnWriteArrayList<>();
    final List<Target> targets = new CopyOnWriteArrayList<>();
    final AtomicInteger leases = new AtomicInteger();
    volatile String scramSecret = "";
    volatile boolean full;
    volatile Runnable beforeAppend = () -> {};
    volatile Optional<String> obstacle = Optional.empty();
    volatile Runnable beforeVerify = () -> {};
    volatile Runnable beforeRoute = () -> {};
    volatile Optional<SessionRules> rules = Optional.empty();

    private static final Set<String> NAMING = Set.of("PREPARE", "EXECUTE", "DEALLOCATE", "DECLARE", "CLOSE");

    /** A longer text takes a while, and so does one that has the slow word in it. */
    private static final int SHORT = 16 * 1024;

    /** Before a text that has this word in it is taken apart. */
    volatile String slowWord = "\0";

    volatile Runnable beforeSlow = () -> {};

    /** Before a text is taken apart on the loop. */
    volatile Runnable beforeAtOnce = () -> {};

    private final Map<String, Path> branches;

    /** @param branches name to socket directory */
    TestPorts(Map<String, Path> branches) {
        this.branches = branches;
    }

    Ports ports() {
        return new Ports(this, this, this, this);
    }

    void forget() {
        statements.clear();
        sessions.clear();
        targets.clear();
    }

    @Override
    public Principal verify(String user, String password, ClientInfo client) throws Refusal {
        if (user.equals("broken")) {
            throw new IllegalStateException("the sign-in is broken");
        }
        beforeVerify.run();
        if (!password.equals(PASSWORD)) {
            throw new Refusal("28P01", "the token of " + user + " has expired", "Ask for a new one.");
        }
        return new Principal("id of " + user, user, "USER", new Acting("helper", "", "query", ""));
    }

    @Override
    public ScramVerifier scramVerifier(String user, ClientInfo client) throws Refusal {
        beforeVerify.run();
        if (scramSecret.isEmpty()) {
            throw new Refusal("28000", user + " has no password for SCRAM", "Use a token.");
        }
        return new ScramVerifier(List.of(scramSecret), new Principal("id of " + user, user, "USER", Acting.NOBODY));
    }

    /** Of all sessions that are routed from then on. */
    Recall recall = new Recall();

    @Override
    public Route route(Principal principal, ClientInfo client, Target target) throws Refusal {
        targets.add(target);
        beforeRoute.run();
        String[] address = target.database().split("@", 2);
        String branch = address.length == 2
                ? address[1]
                : target.listenerBranch().orElse(target.options().getOrDefault("branch", "main"));
        Path directory = branches.get(branch);
        if (directory == null) {
            throw new Refusal(
                    "3D000", "there is no branch " + branch, "You may reach: " + String.join(", ", branches.keySet()));
        }
        leases.incrementAndGet();
        return new Route(
                new Route.Named("p1", "project"),
                new Route.Named("b-" + branch, branch),
                new Route.Named("e-" + branch, "primary"),
                address[0],
                principal.name().replaceAll("@.*", ""),
                directory,
                leases::decrementAndGet,
                recall,
                rules);
    }

    @Override
    public @Nullable List<StatementInfo> atOnce(byte[] sql) {
        beforeAtOnce.run();
        boolean slow = sql.length > SHORT || new String(sql, StandardCharsets.ISO_8859_1).contains(slowWord);
        return slow ? null : classify(sql);
    }

    @Override
    public String readWithEscapes(byte[] sql) {
        return "with escapes: " + new String(sql, StandardCharsets.UTF_8);
    }

    @Override
    public String withoutSecrets(String words, List<String> said) {
        return words.replace("hunter2", "[removed]");
    }

    /** Splits at semicolons outside quotes: enough for the statements of these tests, and no more. */
    @Override
    public List<StatementInfo> classify(byte[] sql) {
        String text = new String(sql, StandardCharsets.ISO_8859_1);
        if (text.contains(slowWord)) {
            beforeSlow.run();
        }
        List<StatementInfo> found = new ArrayList<>();
        int start = 0;
        boolean quoted = false;
        for (int at = 0; at <= text.length(); at++) {
            if (at < text.length() && text.charAt(at) == '\'') {
                quoted = !quoted;
            }
            if (at == text.length() || (text.charAt(at) == ';' && !quoted)) {
                String one = new String(
                        text.substring(start, at).strip().getBytes(StandardCharsets.ISO_8859_1),
                        StandardCharsets.UTF_8);
                if (!one.isEmpty()) {
                    String[] words = one.split("[\\s(]+", 3);
                    boolean names = NAMING.contains(words[0]);
                    found.add(new StatementInfo(
                            start,
                            at,
                            words[0].toUpperCase(java.util.Locale.ROOT),
                            one,
                            !words[0].equals("SELEC"),
                            words[0].equals("DROP"),
                            names ? Optional.of(words[1]) : Optional.empty()));
                }
                start = at + 1;
            }
        }
        return found;
    }

    @Override
    public Optional<String> obstacle() {
        return obstacle;
    }

    @Override
    public void append(StatementRecord statement) {
        beforeAppend.run();
        if (full) {
            throw new IllegalStateException("the disk is full");
        }
        statements.add(statement);
    }

    @Override
    public void append(SessionRecord session) {
        if (full) {
            throw new IllegalStateException("the disk is full");
        }
        sessions.add(session);
    }
}
