package dev.espalier.governance;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Statements that try to get at what is masked or hidden, and what came out of them. */
final class Attacks {

    private static final Pattern RAW = Pattern.compile("SECRET[A-Za-z]*[0-9]*|\\b424[0-9]{4}\\b|HIDDEN[0-9]*");
    private static final Pattern CHOICE = Pattern.compile("\\[([^\\]\\[]*\\|[^\\]\\[]*)\\]");

    /** @param seen the raw value that came out */
    record Leak(String statement, String seen, String where) {}

    private final List<String> statements = new ArrayList<>();

    Attacks() {
        StringBuilder statement = new StringBuilder();
        for (String line : (Resource.text("attacks.txt") + "\n\n").lines().toList()) {
            if (line.startsWith("#")) {
                continue;
            }
            if (line.isBlank()) {
                if (!statement.isEmpty()) {
                    expand(statement.toString());
                    statement.setLength(0);
                }
            } else {
                statement.append(line).append('\n');
            }
        }
        if (!statement.isEmpty()) {
            expand(statement.toString());
        }
    }

    private void expand(String statement) {
        Matcher choice = CHOICE.matcher(statement);
        if (!choice.find()) {
            statements.add(statement.strip());
            return;
        }
        for (String each : choice.group(1).split("\\|")) {
            expand(statement.substring(0, choice.start()) + each + statement.substring(choice.end()));
        }
    }

    int count() {
        return statements.size();
    }

    /** Runs them all in one session and tells every raw value that came out of it, by whatever way. */
    List<Leak> run(Shop shop, String role, String other, String mode) throws SQLException {
        String views = viewSchema(shop, role);
        List<Leak> leaks = new ArrayList<>();
        Connection session = shop.server.connect(shop.database, role, mode);
        try {
            for (String template : statements) {
                String sql = template.replace("{v}", views)
                        .replace("{w}", views + "_w")
                        .replace("{x}", viewSchema(shop, other))
                        .replace("{p}", profileRole(shop, role))
                        .replace("{me}", role)
                        .replace("{other}", other);
                try (Statement statement = session.createStatement()) {
                    statement.setEscapeProcessing(false);
                    statement.setQueryTimeout(30);
                    try {
                        boolean rows = statement.execute(sql);
                        while (rows || statement.getUpdateCount() != -1) {
                            if (rows) {
                                scanRows(statement, sql, leaks);
                            }
                            rows = statement.getMoreResults();
                        }
                    } catch (SQLException e) {
                        scan(sql, "error", errorText(e), leaks);
                    }
                    for (SQLWarning warning = statement.getWarnings();
                            warning != null;
                            warning = warning.getNextWarning()) {
                        scan(sql, "notice", warning.getMessage(), leaks);
                    }
                }
                if (session.isClosed()) {
                    session = shop.server.connect(shop.database, role, mode);
                } else {
                    try (Statement statement = session.createStatement()) {
                        statement.execute("ROLLBACK");
                        statement.execute("RESET search_path");
                    }
                }
            }
        } finally {
            session.close();
        }
        return leaks;
    }

    private static String viewSchema(Shop shop, String role) throws SQLException {
        return "app__"
                + Shop.read(
                                shop.admin,
                                "SELECT coalesce(profile, 'none') FROM espalier_governance.subject WHERE principal = '"
                                        + role + "'")
                        .getFirst();
    }

    private static String profileRole(Shop shop, String role) throws SQLException {
        return viewSchema(shop, role).replace("app__", "espalier_profile_");
    }

    private static void scanRows(Statement statement, String sql, List<Leak> leaks) throws SQLException {
        try (var rows = statement.getResultSet()) {
            int columns = rows.getMetaData().getColumnCount();
            int count = 0;
            while (rows.next() && count++ < 2000) {
                for (int i = 1; i <= columns; i++) {
                    String value = rows.getString(i);
                    if (value != null) {
                        scan(sql, "result", value, leaks);
                    }
                }
            }
        }
    }

    private static String errorText(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
        return e.getMessage()
                + (server == null
                        ? ""
                        : " " + server.getDetail() + " " + server.getHint() + " " + server.getWhere() + " "
                                + server.getInternalQuery());
    }

    /** What stands in the statement itself is no news to who wrote it. */
    private static void scan(String sql, String where, String text, List<Leak> leaks) {
        Matcher raw = RAW.matcher(text);
        while (raw.find()) {
            if (!sql.contains(raw.group())
                    && leaks.stream().noneMatch(leak -> leak.statement().equals(sql))) {
                leaks.add(new Leak(sql, raw.group(), where));
            }
        }
    }
}
