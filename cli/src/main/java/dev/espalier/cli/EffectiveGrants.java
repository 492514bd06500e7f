package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls about what is given on a securable and on what it lies in. */
@Command(
        name = "effective-grants",
        description = "Privileges on something with those that come from the schema and the catalog it lies in")
final class EffectiveGrants {
    private final Session session;

    EffectiveGrants(Session session) {
        this.session = session;
    }

    @Command(description = "Show what is given, and where it comes from")
    void get(
            @Parameters(paramLabel = "TYPE", description = "${COMPLETION-CANDIDATES}") UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Option(names = "--principal", paramLabel = "NAME", description = "only what was given by this name")
                    @Nullable
                    String principal) {
        session.printer()
                .list(
                        session.api()
                                .get(
                                        UnityCatalog.ROOT + "/effective-permissions/" + type + "/" + name,
                                        Query.none().with("principal", principal)),
                        Grants.LIST,
                        View.EFFECTIVE_GRANT);
    }
}
