package dev.espalier.journal;

import dev.espalier.journal.AuditEvent.Level;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.UUID;

/** Events as bytes. The first number is the kind, the second the version of the kind's fields. */
final class EventCodec {

    private static final int STATEMENT = 1;
    private static final int AUDIT = 2;
    private static final int USAGE = 3;
    private static final int VERSION = 1;

    private EventCodec() {}

    static byte[] encode(Event event) {
        EventWriter to = new EventWriter();
        switch (event) {
            case StatementEvent statement -> write(to, statement);
            case AuditEvent audit -> write(to, audit);
            case UsageEvent usage -> write(to, usage);
        }
        return to.toBytes();
    }

    /** @throws JournalException if a newer version has written it */
    static Event decode(byte[] bytes) {
        EventReader from = new EventReader(bytes);
        long kind = from.number();
        long version = from.number();
        if (version != VERSION) {
            throw unknown(kind, version);
        }
        return switch ((int) kind) {
            case STATEMENT -> statement(from);
            case AUDIT -> audit(from);
            case USAGE -> usage(from);
            default -> throw unknown(kind, version);
        };
    }

    private static JournalException unknown(long kind, long version) {
        return new JournalException("the journal has an event of kind " + kind + " in version " + version
                + ", which this version of Espalier does not know. Start the version that wrote it.");
    }

    private static void write(EventWriter to, StatementEvent event) {
        to.number(STATEMENT);
        to.number(VERSION);
        write(to, event.attribution());
        to.text(event.statementId());
        to.text(event.database());
        to.text(event.role());
        to.text(event.text());
        to.bool(event.truncated());
        to.bool(event.parsed());
        to.text(event.type());
        to.text(event.protocol());
        to.text(event.commandTag());
        to.time(event.time());
        to.number(event.durationNanos());
        to.number(event.firstRowNanos());
        to.number(event.cpuNanos());
        to.number(event.rows());
        to.number(event.bytesToClient());
        to.number(event.bytesFromClient());
        to.text(event.sqlState());
        to.text(event.errorMessage());
        to.texts(event.claims());
    }

    private static StatementEvent statement(EventReader from) {
        return new StatementEvent(
                attribution(from),
                from.text(),
                from.text(),
                from.text(),
                from.text(),
                from.bool(),
                from.bool(),
                from.text(),
                from.text(),
                from.text(),
                from.time(),
                from.number(),
                from.number(),
                from.number(),
                from.number(),
                from.number(),
                from.number(),
                from.text(),
                from.text(),
                from.texts());
    }

    private static void write(EventWriter to, AuditEvent event) {
        to.number(AUDIT);
        to.number(VERSION);
        write(to, event.attribution());
        write(to, event.id());
        to.time(event.time());
        to.text(event.level().name());
        to.text(event.service());
        to.text(event.action());
        to.text(event.database());
        to.texts(event.parameters());
        to.number(event.statusCode());
        to.text(event.errorMessage());
        to.text(event.result());
    }

    private static AuditEvent audit(EventReader from) {
        return new AuditEvent(
                attribution(from),
                uuid(from),
                from.time(),
                Level.valueOf(from.text()),
                from.text(),
                from.text(),
                from.text(),
                from.texts(),
                (int) from.number(),
                from.text(),
                from.text());
    }

    private static void write(EventWriter to, UsageEvent event) {
        to.number(USAGE);
        to.number(VERSION);
        write(to, event.recordId());
        write(to, event.attribution());
        to.text(event.createdBy());
        to.text(event.sku().name());
        to.text(event.type().name());
        to.bool(event.corrects().isPresent());
        event.corrects().ifPresent(record -> write(to, record));
        to.time(event.time());
        to.time(event.end());
        to.text(event.quantity().toPlainString());
        to.texts(event.customTags());
    }

    private static UsageEvent usage(EventReader from) {
        return new UsageEvent(
                uuid(from),
                attribution(from),
                from.text(),
                Sku.valueOf(from.text()),
                UsageEvent.Type.valueOf(from.text()),
                from.bool() ? Optional.of(uuid(from)) : Optional.empty(),
                from.time(),
                from.time(),
                new BigDecimal(from.text()),
                from.texts());
    }

    private static void write(EventWriter to, UUID id) {
        to.number(id.getMostSignificantBits());
        to.number(id.getLeastSignificantBits());
    }

    private static UUID uuid(EventReader from) {
        return new UUID(from.number(), from.number());
    }

    private static void write(EventWriter to, Attribution attribution) {
        write(to, attribution.project());
        write(to, attribution.branch());
        write(to, attribution.endpoint());
        to.text(attribution.principal());
        to.text(attribution.agent());
        to.text(attribution.application());
        to.text(attribution.tool());
        to.text(attribution.sessionId());
        to.text(attribution.requestId());
        to.text(attribution.sourceAddress());
        to.text(attribution.client());
    }

    private static Attribution attribution(EventReader from) {
        return new Attribution(
                resource(from),
                resource(from),
                resource(from),
                from.text(),
                from.text(),
                from.text(),
                from.text(),
                from.text(),
                from.text(),
                from.text(),
                from.text());
    }

    private static void write(EventWriter to, Resource resource) {
        to.text(resource.id());
        to.text(resource.name());
    }

    private static Resource resource(EventReader from) {
        return new Resource(from.text(), from.text());
    }
}
