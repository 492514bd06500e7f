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

    /** What will use a credential in the caller's name. */
    static final class Acting {
        @Option(
                names = "--agent",
                paramLabel = "NAME",
                description =
                        "the agent that will use it; stands in the history, and sees under rules what you both may see")
        @Nullable
        String agent;

        @Option(names = "--application", paramLabel = "NAME", description = "the application that will use it")
        @Nullable
        String application;

        @Option(names = "--tool", paramLabel = "NAME", description = "the agent's tool")
        @Nullable
        String tool;

        @Option(names = "--request-id", paramLabel = "ID", description = "the request that it serves")
        @Nullable
        String requestId;

        private void addTo(ObjectNode body) {
            if (agent == null && application == null && tool == null && requestId == null) {
                return;
            }
            ObjectNode acting = body.putObject("acting");
            put(acting, "agent", agent);
            put(acting, "application", application);
            put(acting, "tool", tool);
            put(acting, "request_id", requestId);
        }

        private static void put(ObjectNode acting, String key, @Nullable String value) {
            if (value != null) {
                acting.put(key, value);
            }
        }
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
                    List<String> tables,
            @Mixin Acting acting) {
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
        acting.addTo(body);
        session.printer().row(session.api().post("credentials", Query.none(), body), View.CREDENTIAL);
    }
}
