package dev.espalier.journal;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Events as they come from a gateway and from the API. */
final class Events {

    static final Instant TIME = Instant.parse("2026-08-25T04:00:00.123456Z");

    static final Attribution AGENT = new Attribution(
            new Resource("prj-1", "shop"),
            new Resource("br-1", "feature-x"),
            new Resource("ep-1", "primary"),
            "ann@example.com",
            "claude",
            "ide",
            "execute_sql",
            "session-1",
            "request-1",
            "10.0.0.7",
            "psql");

    private Events() {}

    static StatementEvent statement(String id, String text) {
        return statement(id, text, TIME);
    }

    static StatementEvent statement(String id, String text, Instant time) {
        return statement(id, text, time, "SELECT", "SELECT 3");
    }

    /** @param tag PostgreSQL's answer; empty where there was none */
    static StatementEvent statement(String id, String text, Instant time, String type, String tag) {
        return new StatementEvent(
                AGENT,
                id,
                "catalog",
                "ann@example.com",
                text,
                false,
                true,
                type,
                "extended",
                tag,
                time,
                2_500_000,
                1_500_000,
                1_234_567,
                3,
                450,
                120,
                "",
                "",
                Map.of("traceparent", "00-1"));
    }

    static UsageEvent usage(String name) {
        return new UsageEvent(
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)),
                AGENT,
                name,
                Sku.CPU,
                UsageEvent.Type.RESTATEMENT,
                Optional.of(new UUID(1, -2)),
                TIME,
                TIME.plusSeconds(60),
                new BigDecimal("-12.000000345"),
                Map.of("team", "web"));
    }

    static AuditEvent audit(String action) {
        return audit(action, TIME);
    }

    static AuditEvent audit(String action, Instant time) {
        return new AuditEvent(
                AGENT,
                UUID.randomUUID(),
                time,
                AuditEvent.Level.WORKSPACE_LEVEL,
                "lakebase",
                action,
                "catalog",
                Map.of("branch_id", "feature-x", "ttl", "3600s"),
                403,
                "not allowed",
                "none");
    }
}
