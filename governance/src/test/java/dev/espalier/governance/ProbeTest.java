package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProbeTest {

    /** A query's first column: what it is that is found. */
    private static final Pattern FINDING = Pattern.compile("^    SELECT '([a-z ]+)', ", Pattern.MULTILINE);

    @Test
    void whatAProofSaysWasLookedForIsWhatTheProbeLooksFor() {
        Set<String> found = new TreeSet<>();
        // The second has what is also put right by the way (unsettled).
        Stream.of("probe.sql", "principals.sql")
                .flatMap(script -> FINDING.matcher(Resource.text(script)).results())
                .forEach(finding -> found.add(finding.group(1)));
        assertThat(Probe.CHECKS.stream().map(Probe.Check::name)).containsExactlyInAnyOrderElementsOf(found);
    }
}
