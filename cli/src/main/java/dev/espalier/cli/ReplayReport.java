package dev.espalier.cli;

import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.Printer;
import dev.espalier.cli.output.View;
import tools.jackson.databind.JsonNode;

/** What a replay has shown, for reading: first by principal, then the statements that would not lead to the same. */
final class ReplayReport {

    private ReplayReport() {}

    static void print(Session session, Reply replayed) {
        Printer printer = session.printer();
        if (printer.isJson()) {
            printer.text(replayed.body() + "\n");
            return;
        }
        JsonNode report = replayed.json();
        printer.list(replayed, "principals", View.REPLAYED_PRINCIPAL);
        if (!report.path("statements").isEmpty()) {
            printer.text("\n");
            printer.list(replayed, "statements", View.REPLAYED_STATEMENT);
        }
        for (JsonNode reason : report.path("not_replayed")) {
            printer.note("Not replayed: " + reason.path("statements").asString("") + " statements; each "
                    + reason.path("meaning").asString("") + ".");
        }
        UnityCatalog.warn(session, replayed);
        printer.note("To have the policies in force: espalier policies apply "
                + report.path("catalog_name").asString("") + " --file FILE --epoch "
                + report.path("epoch").asString(""));
    }
}
