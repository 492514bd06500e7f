package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.time.Duration;
import picocli.CommandLine.Command;

/** Calls about the audit; its rows are read in SQL. */
@Command(name = "audit", description = "The audit trail, which is read in SQL: psql … dbname=system")
final class Audit {
    /** For a walk along all rows, of which there may be very many. */
    private static final Duration LONGEST = Duration.ofHours(12);

    private final Session session;

    Audit(Session session) {
        this.session = session;
    }

    @Command(description = "Check that no row of the audit has been changed or removed; fails where one has")
    void verify() {
        Reply found = session.api().get("audit/verification", Query.none(), LONGEST);
        session.printer().details(found);
        if (!found.json().path("intact").asBoolean(false)) {
            throw new Failure(
                    ExitCode.OTHER,
                    "The audit is not what was written: "
                            + found.json().path("broken").asString(""));
        }
    }
}
