package dev.espalier.governance;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.fastpath.FastpathArg;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/** Statements that try to get at what is masked or hidden, and what came out of them. */
public final class Attacks {

    /** What a client is told beside its statements' answers. */
    public static final String NOTIFICATION = "notification";

    /** A fraction is none, as statistics of PostgreSQL's own tables have it. */
    private static final Pattern RAW = Pattern.compile("SECRET[A-Za-z]*[0-9]*|(?<!\\.)\\b424[0-9]{4}\\b|HIDDEN[0-9]*");

    private static final Pattern PARAGRAPHS = Pattern.compile("\\n(\\h*\\n)+");
    private static final Pattern HEADING = Pattern.compile("# (.*)");
    private static final Pattern CHOICE = Pattern.compile("\\[([^\\]\\[]*\\|[^\\]\\[]*)\\]");
    private static final Pattern COPIES_OUT = Pattern.compile("COPY .* TO STDOUT", Pattern.DOTALL);
    private static final Map<String, String> OTHER_SECRETS = Map.of(
            "'SECRETuser' || i", "'SECRETuser' || 301 - i",
            "'SECRETname ' || i", "'SECRETname ' || 301 - i",
            "'SECRET2' || i", "'SECRET2' || 301 - i",
            "4242000 + i", "4242000 + 301 - i",
            "'SECRETjson' || i", "'SECRETjson' || 301 - i",
            "'SECRETstreet ' || i", "'SECRETstreet ' || 501 - i",
            "'SECRETwho' || i", "'SECRETwho' || 101 - i",
            "'SECRETcontact' || i", "'SECRETcontact' || 51 - i",
            "THEN 'HIDDEN'", "THEN 'HIDDEN9'");
    private static final int LONGEST_SECONDS = 30;
    private static final int MOST_ROWS = 2000;

    /** Opens sessions of the attacker's, by one way there is. */
    @FunctionalInterface
    public interface Door {
        Connection open() throws SQLException;
    }

    /**
     * Who tries.
     *
     * @param views schema of his views
     * @param profileRole role of all for whom everything is as for him
     * @param other another principal's role
     * @param otherViews schema of the other's views
     */
    public record Attacker(String role, String views, String profileRole, String other, String otherViews) {

        /** @param superuser a session in the database that is attacked */
        public static Attacker of(Connection superuser, String role, String other) throws SQLException {
            String profile = profile(superuser, role);
            return new Attacker(
                    role, "app__" + profile, "espalier_profile_" + profile, other, "app__" + profile(superuser, other));
        }

        private static String profile(Connection superuser, String role) throws SQLException {
            return Shop.read(
                            superuser,
                            "SELECT coalesce(profile, 'none') FROM espalier_governance.subject WHERE principal = '"
                                    + role + "'")
                    .getFirst();
        }

        private String aim(String template) {
            return template.replace("{v}", views)
                    .replace("{w}", views + "_w")
                    .replace("{x}", otherViews)
                    .replace("{p}", profileRole)
                    .replace("{me}", role)
                    .replace("{other}", other);
        }
    }

    /**
     * @param seen the raw value that came out
     * @param where in what kind of answer
     */
    public record Leak(String statement, String seen, String where) {}

    /** @param where in what kind of answer */
    record Said(String where, String text) {}

    /** Everything that a statement's sender was told, in its order. */
    record Answer(String statement, List<Said> said) {
        Answer {
            said = List.copyOf(said);
        }
    }

    /** Templates of statements, by the class that stands above them in the file. */
    private final Map<String, List<String>> classes = new LinkedHashMap<>();

    public Attacks() {
        List<String> current = List.of();
        for (String paragraph : PARAGRAPHS.split(Resource.text("attacks.txt"))) {
            Matcher heading = HEADING.matcher(paragraph);
            if (heading.matches()) {
                current = classes.computeIfAbsent(heading.group(1), _ -> new ArrayList<>());
            } else if (!paragraph.startsWith("#")) {
                expand(paragraph, current);
            }
        }
    }

    private static void expand(String statement, List<String> statements) {
        Matcher choice = CHOICE.matcher(statement);
        if (!choice.find()) {
            statements.add(statement.strip());
            return;
        }
        for (String each : choice.group(1).split("\\|")) {
            expand(statement.substring(0, choice.start()) + each + statement.substring(choice.end()), statements);
        }
    }

    /** The statement by which a superuser makes what is attacked; the role {@code app_owner} must be there. */
    public static String shop() {
        return made(Resource.text("shop.sql"));
    }

    /**
     * The same, where each masked value belongs to another row and hidden rows hold something else. All that is shown of them is as in the
     * other.
     */
    static String shopOfOtherSecrets() {
        String script = Resource.text("shop.sql");
        for (Map.Entry<String, String> secret : OTHER_SECRETS.entrySet()) {
            if (!script.contains(secret.getKey())) {
                throw new IllegalStateException("shop.sql has no more: " + secret.getKey());
            }
            script = script.replace(secret.getKey(), secret.getValue());
        }
        return made(script);
    }

    private static String made(String script) {
        return "DO $do$ BEGIN EXECUTE $script$" + script + "$script$; END $do$";
    }

    /** How many statements there are of each class. */
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        classes.forEach((name, statements) -> counts.put(name, statements.size()));
        return counts;
    }

    /** Runs them all, in one session as long as it lasts, and tells every raw value that came out of it, by whatever way. */
    public List<Leak> run(Door door, Attacker attacker) throws SQLException {
        List<Leak> leaks = new ArrayList<>();
        for (Answer answer : answers(door, attacker)) {
            answer.said().stream()
                    .flatMap(said -> leak(answer.statement(), said).stream())
                    .findFirst()
                    .ifPresent(leaks::add);
        }
        return leaks;
    }

    /** What he is told by each of them, in one session as long as it lasts. */
    List<Answer> answers(Door door, Attacker attacker) throws SQLException {
        List<Answer> answers = new ArrayList<>();
        Connection session = door.open();
        try {
            for (String template :
                    classes.values().stream().flatMap(List::stream).toList()) {
                answers.add(answer(session, attacker.aim(template)));
                if (session.isClosed()) {
                    session = door.open();
                } else {
                    try (Statement statement = session.createStatement()) {
                        statement.execute("ROLLBACK; RESET search_path");
                    }
                }
            }
            answers.add(callFunction(session));
        } finally {
            session.close();
        }
        return answers;
    }

    /** What he sees in a new session of what is masked, so that nobody takes for safe what is only broken. */
    public static List<String> masked(Door door) throws SQLException {
        try (Connection session = door.open()) {
            return Shop.read(
                    session, "SELECT DISTINCT email FROM customers WHERE code LIKE 'CODE%' AND email LIKE 'S%'");
        }
    }

    private static Answer answer(Connection session, String sql) throws SQLException {
        List<Said> said = new ArrayList<>();
        try (Statement statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.setQueryTimeout(LONGEST_SECONDS);
            try {
                if (COPIES_OUT.matcher(sql).matches()) {
                    copyOut(session, sql, said);
                } else {
                    execute(statement, sql, said);
                }
                for (PGNotification told : session.unwrap(PGConnection.class).getNotifications()) {
                    said.add(new Said(NOTIFICATION, told.getName() + " " + told.getParameter()));
                }
            } catch (SQLException e) {
                said.add(new Said("error", errorText(e)));
            }
            for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                said.add(new Said("notice", errorText(warning)));
            }
        }
        return new Answer(sql, said);
    }

    private static void execute(Statement statement, String sql, List<Said> said) throws SQLException {
        boolean rows = statement.execute(sql);
        while (rows || statement.getUpdateCount() != -1) {
            if (rows) {
                addRows(statement, said);
            } else {
                said.add(new Said("count", Integer.toString(statement.getUpdateCount())));
            }
            rows = statement.getMoreResults();
        }
    }

    private static void copyOut(Connection session, String sql, List<Said> said) throws SQLException {
        StringWriter rows = new StringWriter();
        try {
            session.unwrap(PGConnection.class).getCopyAPI().copyOut(sql, rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            said.add(new Said("copy", rows.toString()));
        }
    }

    /** The protocol's own way to call a function, by its number, past the grammar. */
    @SuppressWarnings("deprecation")
    private static Answer callFunction(Connection session) throws SQLException {
        String called = "FunctionCall of app.find_email";
        int oid = Integer.parseInt(Shop.read(session, "SELECT oid FROM pg_catalog.pg_proc WHERE proname = 'find_email'")
                .getFirst());
        try {
            byte[] answer = session.unwrap(PGConnection.class)
                    .getFastpathAPI()
                    .fastpath(oid, new FastpathArg[] {new FastpathArg(1L)});
            return new Answer(
                    called,
                    List.of(new Said("result", answer == null ? "" : new String(answer, StandardCharsets.UTF_8))));
        } catch (SQLException e) {
            return new Answer(called, List.of(new Said("error", errorText(e))));
        }
    }

    private static void addRows(Statement statement, List<Said> said) throws SQLException {
        try (var rows = statement.getResultSet()) {
            int columns = rows.getMetaData().getColumnCount();
            int count = 0;
            while (rows.next() && count++ < MOST_ROWS) {
                for (int i = 1; i <= columns; i++) {
                    said.add(new Said("result", String.valueOf(rows.getString(i))));
                }
            }
        }
    }

    private static String errorText(SQLException e) {
        ServerErrorMessage server = switch (e) {
            case PSQLException psql -> psql.getServerErrorMessage();
            case PSQLWarning warning -> warning.getServerErrorMessage();
            default -> null;
        };
        return e.getMessage()
                + (server == null
                        ? ""
                        : " " + server.getDetail() + " " + server.getHint() + " " + server.getWhere() + " "
                                + server.getInternalQuery());
    }

    /** What stands in the statement itself is no news to who wrote it. */
    private static Optional<Leak> leak(String sql, Said said) {
        return RAW.matcher(said.text())
                .results()
                .map(MatchResult::group)
                .filter(raw -> !sql.contains(raw))
                .findFirst()
                .map(raw -> new Leak(sql, raw, said.where()));
    }
}
