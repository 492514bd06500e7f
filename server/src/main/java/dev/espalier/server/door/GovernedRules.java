package dev.espalier.server.door;

import dev.espalier.control.admission.Sight.View;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.SessionRules;
import dev.espalier.sql.Effect;
import dev.espalier.sql.Relation;
import dev.espalier.sql.Relation.Upsert;
import dev.espalier.sql.SqlSyntaxException;
import dev.espalier.sql.Statement;
import dev.espalier.sql.StatementCache;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules for one who sees some tables through views of his: names that say a table's schema come to mean the view, a search path
 * finds the views before their tables, statements that a view cannot take go to the one they can be written to, and what shows more
 * than rows is refused, as is what the grammar cannot read.
 */
final class GovernedRules implements SessionRules {

    private static final String NOT_PERMITTED = "42501";
    private static final String UNDEFINED_TABLE = "42P01";

    private final Reader atOnce;
    private final Reader inTime;
    private final String role;
    private final Optional<SearchPath> begunWith;
    private final OwnNames names;
    private final boolean mergesIntoViews;
    private final Runnable lookAgain;
    private volatile ViewNames views;

    /**
     * @param role whose session it is
     * @param searchPath that the client begins with; empty for the role's own
     * @param mergesIntoViews whether the server takes a view as MERGE's target, as PostgreSQL does from 17 on
     * @param lookAgain has {@link #see} called, if what there is to see has changed; may wait
     */
    GovernedRules(
            StatementCache statements,
            String role,
            ViewNames views,
            Optional<String> searchPath,
            boolean mergesIntoViews,
            Runnable lookAgain) {
        this.lookAgain = lookAgain;
        this.role = role;
        this.mergesIntoViews = mergesIntoViews;
        this.begunWith = searchPath.flatMap(SearchPath::of);
        this.names = new OwnNames(begunWith);
        this.atOnce = statements::atOnce;
        this.inTime = statements::statements;
        this.views = views;
    }

    /** From the next statement on. */
    void see(ViewNames now) {
        views = now;
    }

    @Override
    public Sent sent(byte[] sql) {
        return sent(sql, atOnce);
    }

    /** As {@link #sent(byte[])}, for a caller that waits where it takes a while. */
    Sent sentInTime(byte[] sql) {
        return sent(sql, inTime);
    }

    private interface Reader {
        @Nullable
        List<Statement> read(byte[] sql) throws SqlSyntaxException;
    }

    private Sent sent(byte[] sql, Reader reader) {
        List<Statement> parsed;
        try {
            parsed = reader.read(sql);
        } catch (SqlSyntaxException e) {
            // Also a syntax error: an older server may read what this grammar does not, or the first statements of it.
            return new Refused(new Refusal(e.sqlState(), String.valueOf(e.getMessage()), ""));
        }
        if (parsed == null) {
            return new Later(Work.READS, () -> sentInTime(sql));
        }
        ViewNames now = views;
        for (Statement statement : parsed) {
            Optional<Refusal> refusal = refusal(statement)
                    .or(() -> refusalOfTarget(statement, now))
                    .or(() -> refusalOfMerge(statement, now));
            if (refusal.isPresent()) {
                return new Refused(refusal.get());
            }
            names.runs(statement);
        }
        TextEdits edits = new TextEdits(sql);
        parsed.forEach(statement -> rename(statement, now, edits));
        return edits.isEmpty() ? new AsItIs() : new Instead(edits.text());
    }

    @Override
    public Optional<String> searchPath() {
        return begunWith
                .filter(path -> !withViews(path, views).equals(path))
                .map(path -> withViews(path, views).text());
    }

    private SearchPath withViews(SearchPath path, ViewNames views) {
        return path.withViews(role, views::viewSchema);
    }

    /** A migration may have made or dropped the view that a name led to: a later statement finds what there is now. */
    @Override
    public Optional<Runnable> afterError(String sqlState) {
        return sqlState.equals(NOT_PERMITTED) || sqlState.equals(UNDEFINED_TABLE)
                ? Optional.of(lookAgain)
                : Optional.empty();
    }

    @Override
    public boolean hidesDetails() {
        return true;
    }

    private static Optional<Refusal> refusal(Statement statement) {
        if (statement.effects().contains(Effect.EXPLAIN_ANALYZE)) {
            return Optional.of(new Refusal(
                    NOT_PERMITTED,
                    "EXPLAIN ANALYZE counts rows that are hidden from you",
                    "Use EXPLAIN without ANALYZE, or ask somebody whom no policy binds."));
        }
        if (statement.node().equals("ListenStmt")) {
            return Optional.of(new Refusal(
                    NOT_PERMITTED,
                    "LISTEN is refused: triggers of the application may send rows that are masked for you",
                    "Ask somebody whom no policy binds."));
        }
        return Optional.empty();
    }

    /** Here, because the server would only say that the relation is no table. */
    private Optional<Refusal> refusalOfMerge(Statement statement, ViewNames views) {
        if (mergesIntoViews || !statement.effects().contains(Effect.MERGE)) {
            return Optional.empty();
        }
        return statement.relations().stream()
                .filter(Relation::upserted)
                .flatMap(relation -> views.view(relation, names.firstSchema()).stream())
                .findFirst()
                .map(view -> new Refusal(
                        "0A000",
                        "MERGE into " + view.schema() + "." + view.table()
                                + ", which you see through a view, needs PostgreSQL 17",
                        "Use INSERT with ON CONFLICT, or UPDATE and INSERT."));
    }

    /** Rows for a temporary table must not end up in the table that has its name. */
    private Optional<Refusal> refusalOfTarget(Statement statement, ViewNames views) {
        return statement.relations().stream()
                .filter(Relation::upserted)
                .flatMap(relation -> refusalOfTarget(relation, views).stream())
                .findFirst();
    }

    private Optional<Refusal> refusalOfTarget(Relation relation, ViewNames views) {
        if (relation.schema().isEmpty()) {
            Optional<View> meant = views.meant(relation.name(), names.firstSchema())
                    .filter(view -> names.mayBeAnother(view.schema(), relation.name()));
            if (meant.isPresent()) {
                return meant.map(view -> new Refusal(
                        "0A000",
                        "ON CONFLICT and MERGE go to a view of " + view.schema() + "." + relation.name()
                                + ", and in this session " + relation.name()
                                + " may be another table: its search_path is not that of its role, or it has made a table",
                        "Write the schema: " + view.schema() + "." + relation.name() + ", or pg_temp." + relation.name()
                                + "."));
            }
        }
        return views.partlyShown(relation, names.firstSchema())
                .filter(_ -> relation.upsert() == Upsert.RETURNING_ALL)
                .map(view -> new Refusal(
                        NOT_PERMITTED,
                        "RETURNING * of ON CONFLICT and MERGE would show columns of " + view.schema() + "."
                                + view.table() + " that are masked for you",
                        "Name the columns that are not masked in RETURNING."));
    }

    private void rename(Statement statement, ViewNames views, TextEdits edits) {
        statement.searchPath().ifPresent(setting -> {
            SearchPath path = new SearchPath(setting.schemas());
            SearchPath with = withViews(path, views);
            if (!with.equals(path)) {
                edits.instead(statement, (setting.local() ? "SET LOCAL" : "SET") + " search_path TO " + with.text());
            }
        });
        Stream.concat(statement.relations().stream(), statement.qualifiers().stream())
                .filter(relation -> relation.offset() >= 0)
                .forEach(relation -> views.schemaFor(relation, names.firstSchema())
                        .ifPresent(schema -> edits.inSchema(relation, schema)));
    }
}
