package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Calls about credentials. */
@Command(name = "credentials", description = "Passwords for PostgreSQL that last for minutes")
final class Credentials {
    private final Session session;

    Credentials(Session session) {
        this.session = session;
    }

    /** Until when a credential is accepted. */
    static final class Lifetime {
        @Option(names = "--ttl", paramLabel = "DURATION", description = "for how long, from 5m to 1h")
        @Nullable
        ShortDuration ttl;

        @Option(names = "--expire-time", paramLabel = "TIME", description = "until when, such as 2026-11-25T10:00:00Z")
        @Nullable
        Timestamp expireTime;
    }

    @Command(description = "Create a credential for an endpoint; the output is the secret")
    void create(
            @Mixin Endpoints.Chosen chosen,
            @ArgGroup @Nullable Lifetime lifetime,
            @Option(
                            names = "--read-only-table",
                            paramLabel = "TABLE",
                            description = "only for reading this table; may be repeated")
                    @Nullable
                    List<String> tables) {
        ObjectNode body = Json.object();
        body.put("endpoint", chosen.name(session));
        if (lifetime != null && lifetime.ttl != null) {
            body.put("ttl", lifetime.ttl.toString());
        }
        if (lifetime != null && lifetime.expireTime != null) {
            body.put("expire_time", lifetime.expireTime.toString());
        }
        if (tables != null) {
            ObjectNode claim = body.putArray("claims").addObject().put("permission_set", "READ_ONLY");
            tables.forEach(table -> claim.withArray("resources").addObject().put("table_name", table));
        }
        session.printer().row(session.api().post("credentials", Query.none(), body), View.CREDENTIAL);
    }
}
