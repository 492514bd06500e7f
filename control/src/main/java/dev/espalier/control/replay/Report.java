package dev.espalier.control.replay;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What proposed policies would change.
 *
 * @param branch whose copies the statements were run on
 * @param epoch of the rules that were compared with
 * @param since the time from which on statements were taken
 * @param comparisons of all statements that were run, by principal, each one's latest first
 * @param notReplayed how many statements were not run, by why; each text of each principal counts once
 * @param warnings what is worth knowing of the proposed policies
 */
public record Report(
        String catalog,
        String branch,
        long epoch,
        Instant since,
        List<Comparison> comparisons,
        Map<Obstacle, Long> notReplayed,
        List<String> warnings) {

    public Report {
        comparisons = List.copyOf(comparisons);
        notReplayed = Map.copyOf(notReplayed);
        warnings = List.copyOf(warnings);
    }
}
