package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls about usage; its records are read in SQL. */
@Command(name = "usage", description = "What was used, which is read in SQL: psql … dbname=system")
final class Usage {
    private final Session session;

    Usage(Session session) {
        this.session = session;
    }

    @Command(description = "Take a record of usage back and put another in its place")
    void correct(
            @Parameters(paramLabel = "RECORD", description = "record_id in system.billing.usage") String record,
            @Parameters(paramLabel = "QUANTITY", description = "the right one, in the record's base_unit; 0 for none")
                    String quantity,
            @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit") @Nullable
                    String reason) {
        String path = "/api/2.0/billing/usage/" + record + "/corrections";
        Query query = Query.none().with("base_quantity", quantity).with("reason", reason);
        session.printer().details(session.api().post(path, query, Json.object()));
    }
}
