package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.core.JacksonException;

/** Where verification goes on behind rows that retention has dropped: the runs that the chain itself says are gone. */
final class Anchors {

    /** Says of a run that all dropped rows beside it are in it. So it does not matter when the notices of those go themselves. */
    private static final String JOINED = "joined";

    private static final Comparator<Run> IN_ORDER = Comparator.comparingLong(Run::first)
            .thenComparingLong(run -> run.last().sequence());

    /** Rows of one chain, from the first to the last, that have been dropped. */
    private record Run(long first, ChainHead last) {

        boolean goesOn(Run before) {
            return first <= before.last.sequence() + 1;
        }

        Run with(Run next) {
            return new Run(first, next.last.sequence() > last.sequence() ? next.last : last);
        }
    }

    /** In the order of the chains, each in the order of its rows. */
    private final Map<UUID, List<Run>> runs = new TreeMap<>();

    private Anchors() {}

    /** The rows that say so are in the chain themselves, and are checked as such. */
    static Anchors read(Connection connection) throws SQLException {
        return read(connection, "");
    }

    /** Those that are left when the day's rows are gone. */
    private static Anchors without(Connection connection, LocalDate day) throws SQLException {
        return read(connection, " AND event_date <> DATE '" + day + "'");
    }

    private static Anchors read(Connection connection, String condition) throws SQLException {
        Anchors anchors = new Anchors();
        Map<UUID, Run> oldest = new TreeMap<>();
        try (var statement = connection.createStatement();
                // As it is in the condition of the index that finds them.
                var rows = statement.executeQuery("SELECT request_params::text FROM journal.audit WHERE action_name = '"
                        + JournalEvents.DROP_AUDIT_PARTITION + "' AND service_name = '" + JournalEvents.SERVICE + "'"
                        + condition)) {
            while (rows.next()) {
                anchors.add(rows.getString(1), oldest);
            }
        }
        // Earlier versions did not join them: those before the oldest that is left may have been dropped.
        oldest.forEach((journal, run) -> anchors.add(journal, new Run(1, run.last())));
        anchors.runs.values().forEach(list -> list.sort(IN_ORDER));
        return anchors;
    }

    /** A row that does not say what such rows say has been changed, and is found as that on the way along its chain. */
    private void add(String parameters, Map<UUID, Run> oldest) {
        try {
            Map<String, String> said = Json.read(parameters);
            UUID journal = UUID.fromString(said.getOrDefault("journal_id", ""));
            Run run = new Run(
                    Long.parseLong(said.getOrDefault("first_sequence", "")),
                    new ChainHead(
                            Long.parseLong(said.getOrDefault("last_sequence", "")),
                            ChainHash.of(new ChainHash(said.getOrDefault("last_hash", "")).bytes())));
            add(journal, run);
            if (!said.containsKey(JOINED)) {
                oldest.merge(journal, run, (one, other) -> IN_ORDER.compare(one, other) <= 0 ? one : other);
            }
        } catch (IllegalArgumentException | JacksonException notARun) {
            return;
        }
    }

    private void add(UUID journal, Run run) {
        runs.computeIfAbsent(journal, id -> new ArrayList<>()).add(run);
    }

    /**
     * The end of the rows behind one that retention has dropped.
     *
     * @param after the row before them; the beginning where none is left before them
     * @param upTo number of the last row that is not there
     * @return less far if not all of them have been dropped by retention
     */
    ChainHead skip(UUID journal, ChainHead after, long upTo) {
        ChainHead at = after;
        for (Run run : runs.getOrDefault(journal, List.of())) {
            long last = run.last().sequence();
            if (run.first() <= at.sequence() + 1 && last > at.sequence() && last <= upTo) {
                at = run.last();
            }
        }
        return at;
    }

    /**
     * What the chain has to say before the day's rows are dropped: the runs that are gone then, joined with all that went before. What
     * is said by rows of other days already is not said again.
     */
    static List<AuditEvent> notices(Connection connection, LocalDate day, Instant now) throws SQLException {
        Anchors known = without(connection, day);
        Anchors all = read(connection);
        all.addRuns(connection, day);
        List<AuditEvent> notices = new ArrayList<>();
        all.runs.forEach((journal, list) -> joined(list).stream()
                .filter(run -> !known.runs.getOrDefault(journal, List.of()).contains(run))
                .map(run -> notice(journal, run, day, now))
                .forEach(notices::add));
        return notices;
    }

    private static AuditEvent notice(UUID journal, Run run, LocalDate day, Instant now) {
        return JournalEvents.of(
                JournalEvents.DROP_AUDIT_PARTITION,
                now,
                Map.of(
                        "date",
                        day.toString(),
                        "journal_id",
                        journal.toString(),
                        "first_sequence",
                        Long.toString(run.first()),
                        "last_sequence",
                        Long.toString(run.last().sequence()),
                        "last_hash",
                        run.last().hash().hex(),
                        JOINED,
                        "true"));
    }

    private static List<Run> joined(List<Run> list) {
        List<Run> joined = new ArrayList<>();
        for (Run run : list.stream().sorted(IN_ORDER).toList()) {
            if (!joined.isEmpty() && run.goesOn(joined.getLast())) {
                joined.add(joined.removeLast().with(run));
            } else {
                joined.add(run);
            }
        }
        return joined;
    }

    /** The day's rows as runs of the chains; around midnight rows of two days can be mixed. */
    private void addRuns(Connection connection, LocalDate day) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT
                            journal_id,
                            min(chain_sequence),
                            max(chain_sequence),
                            (array_agg(chain_hash ORDER BY chain_sequence DESC))[1]
                        FROM (
                            SELECT
                                journal_id,
                                chain_sequence,
                                chain_hash,
                                chain_sequence - row_number() OVER (PARTITION BY journal_id ORDER BY chain_sequence) AS run
                            FROM journal.%s
                        ) AS rows
                        GROUP BY journal_id, run""".formatted(Partitions.name(AuditTable.NAME, day)))) {
            while (rows.next()) {
                add(
                        rows.getObject(1, UUID.class),
                        new Run(rows.getLong(2), new ChainHead(rows.getLong(3), ChainHash.of(rows.getBytes(4)))));
            }
        }
    }
}
