package dev.espalier.benchmarks.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.benchmarks.conformance.Results.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Those of PostgreSQL's own tests that have most to do with the protocol and need few others before them. */
class ConformanceTest {

    private static final Path RUNNER = Path.of("/usr/lib/postgresql/15/lib/pgxs/src/test/regress/pg_regress");
    private static final Path WORK = Path.of("/var/tmp/espalier-conformance");

    private static final List<String> REGRESS = List.of(
            "test_setup",
            "copy",
            "copyselect",
            "copydml",
            "copy2",
            "errors",
            "transactions",
            "prepared_xacts",
            "prepare",
            "plancache",
            "async",
            "guc",
            "largeobject",
            "plpgsql");
    private static final List<String> ISOLATION = List.of(
            "async-notify",
            "deadlock-simple",
            "deadlock-hard",
            "insert-conflict-specconflict",
            "skip-locked",
            "timeouts",
            "temp-schema-cleanup");

    @Test
    void postgresqlsOwnTestsEndThroughTheGatewayAsTheyDoOnTheServer(@TempDir Path runs) throws Exception {
        assumeTrue(Files.isExecutable(RUNNER), "PostgreSQL 15 with its test programs is not installed: " + RUNNER);
        Files.setPosixFilePermissions(runs, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(WORK);
        try (Scene scene = Scene.open(PostgresSuite.MAJOR)) {
            Comparison regress = new PostgresSuite("regress", WORK, runs).run(scene, REGRESS);
            Comparison isolation = new PostgresSuite("isolation", WORK, runs).run(scene, ISOLATION);

            assertThat(regress.differences()).isEmpty();
            assertThat(regress.gateway().tests()).hasSameSizeAs(REGRESS);
            assertThat(failed(regress.gateway())).isEmpty();
            assertThat(isolation.differences()).isEmpty();
            assertThat(isolation.gateway().tests()).hasSameSizeAs(ISOLATION);
            assertThat(failed(isolation.gateway())).isEmpty();
        }
    }

    private static List<String> failed(Results results) {
        return results.tests().entrySet().stream()
                .filter(test -> test.getValue() == Outcome.FAILED)
                .map(test -> test.getKey())
                .toList();
    }
}
