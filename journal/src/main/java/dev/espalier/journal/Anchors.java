package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;

/** Where verification goes on behind rows that retention has dropped: the runs that the chain itself says are gone. */
final class Anchors {

    /** Rows of one chain, from the first to the last, that have been dropped. */
    private record Run(long first, ChainHead last) {}

    private final Map<UUID, List<Run>> runs = new HashMap<>();

    /** The rows that say so are in the chain themselves, and are checked as such. */
    static Anchors read(Connection connection) throws SQLException {
        Anchors anchors = new Anchors();
        try (var statement = connection.prepareStatement(
                "SELECT request_params::text FROM journal.audit WHERE service_name = ? AND action_name = ?")) {
            statement.setString(1, JournalEvents.SERVICE);
            statement.setString(2, JournalEvents.DROP_AUDIT_PARTITION);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    anchors.add(rows.getString(1));
                }
            }
        }
        anchors.runs.values().forEach(list -> list.sort(Comparator.comparingLong(Run::first)));
        return anchors;
    }

    /** A row that does not say what such rows say has been changed, and is found as that on the way along its chain. */
    private void add(String parameters) {
        try {
            Map<String, String> run = Json.read(parameters);
            Run dropped = new Run(
                    Long.parseLong(run.getOrDefault("first_sequence", "")),
                    new ChainHead(
                            Long.parseLong(run.getOrDefault("last_sequence", "")),
                            new ChainHash(run.getOrDefault("last_hash", ""))));
            runs.computeIfAbsent(UUID.fromString(run.getOrDefault("journal_id", "")), journal -> new ArrayList<>())
                    .add(dropped);
        } catch (IllegalArgumentException | JacksonException notARun) {
            return;
        }
    }

    /**
     * The end of the dropped rows between two that are there.
     *
     * @param after the row before them; the beginning where none is left before them
     * @param upTo number of the last of them
     * @return empty if not all of them have been dropped by retention
     */
    Optional<ChainHead> skip(UUID journal, ChainHead after, long upTo) {
        // What was dropped first may have been said in rows that have been dropped since, so at the beginning only the
        // last run counts.
        boolean beginning = after.sequence() == 0;
        ChainHead at = after;
        for (Run run : runs.getOrDefault(journal, List.of())) {
            if ((beginning || run.first() == at.sequence() + 1) && run.last().sequence() <= upTo) {
                at = run.last();
            }
        }
        return at.sequence() == upTo ? Optional.of(at) : Optional.empty();
    }
}
