package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.demo.Demo;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tour of {@code ./espalier demo}, in a process of its own, against a started server. */
class DemoTest {

    /** How the addresses end of the people in the demo. */
    private static final String ADDRESS = "@acme.example";

    @Test
    void theAnalystReadsMaskedOnEveryBranchWhatTheApplicationReadsRaw() throws IOException, InterruptedException {
        try (TestHome home = new TestHome()) {
            home.start("--http.port=0");

            Jvm.Ended tour = new Jvm("demo", Demo.class, home.path(), List.of()).run();

            assertThat(tour.err()).isEmpty();
            assertThat(tour.exitCode()).isZero();
            List<String> lines = tour.out().lines().toList();
            List<String> analyst = read(lines, "demo-analyst");
            List<String> application = read(lines, "demo-backstage");
            assertThat(analyst)
                    .as(tour.out())
                    .hasSize(3)
                    .allMatch(line -> line.contains("***") && !line.contains(ADDRESS));
            assertThat(application).hasSize(3).allMatch(line -> line.contains(ADDRESS));
            assertThat(lines)
                    .filteredOn(line -> line.contains("checks, nothing found"))
                    .hasSize(3);
        }
    }

    /** Of the table's rows what this one has read: a line for production, for a new branch and for one from before the policies. */
    private static List<String> read(List<String> lines, String who) {
        return lines.stream()
                .filter(line -> line.matches(" +\\S+ +" + who + " .*\"email\":.*"))
                .toList();
    }
}
