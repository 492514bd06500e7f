package dev.espalier.journal;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table that the loader fills.
 *
 * @param name of the column
 * @param value the text to load; null for NULL
 * @param selected SQL that gives the value again as text
 * @param asLoaded turns that text into exactly the one that was loaded
 * @param <E> the events of the table
 */
record Column<E extends Event>(String name, Value<E> value, String selected, UnaryOperator<String> asLoaded) {

    /** Finds an event's value. */
    @FunctionalInterface
    interface Value<E extends Event> {
        @Nullable
        String of(long sequence, E event);
    }

    /** The columns that all tables share. */
    static <E extends Event> List<Column<E>> shared() {
        return List.of(
                text("project_id", event -> event.attribution().project().id()),
                text("project_name", event -> event.attribution().project().name()),
                text("branch_id", event -> event.attribution().branch().id()),
                text("branch_name", event -> event.attribution().branch().name()),
                text("endpoint_id", event -> event.attribution().endpoint().id()),
                text("endpoint_name", event -> event.attribution().endpoint().name()),
                text("principal", event -> event.attribution().principal()),
                text("agent", event -> event.attribution().agent()),
                text("application", event -> event.attribution().application()),
                text("tool", event -> event.attribution().tool()),
                text("session_id", event -> event.attribution().sessionId()),
                text("request_id", event -> event.attribution().requestId()),
                text("source_ip_address", event -> event.attribution().sourceAddress()),
                text("client", event -> event.attribution().client()));
    }

    /** Empty texts become NULL. */
    static <E extends Event> Column<E> text(String name, Function<E, String> value) {
        return of(name, (sequence, event) -> emptyToNull(value.apply(event)), name);
    }

    /** Values whose texts are the same in Java and in PostgreSQL. */
    static <E extends Event> Column<E> plain(String name, Function<E, Object> value) {
        return of(name, (sequence, event) -> value.apply(event).toString(), name + "::text");
    }

    static <E extends Event> Column<E> sequence(String name) {
        return of(name, (sequence, event) -> Long.toString(sequence), name + "::text");
    }

    static <E extends Event> Column<E> time(String name) {
        return of(
                name,
                (sequence, event) -> Micros.text(event.time()),
                "to_char(" + name + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    }

    static <E extends Event> Column<E> texts(String name, Function<E, Map<String, String>> value) {
        return new Column<>(
                name, (sequence, event) -> Json.write(value.apply(event)), name + "::text", Json::canonical);
    }

    private static <E extends Event> Column<E> of(String name, Value<E> value, String selected) {
        return new Column<>(name, value, selected, UnaryOperator.identity());
    }

    private static @Nullable String emptyToNull(String value) {
        return value.isEmpty() ? null : Texts.storable(value);
    }
}
