package dev.espalier.cli.client;

import static java.util.stream.Collectors.joining;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The query of a call. Parameters without a value are left out, so that the server's own defaults hold. */
public final class Query {
    private record Parameter(String name, String value) {}

    private final List<Parameter> parameters;

    private Query(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    public static Query none() {
        return new Query(List.of());
    }

    /** A copy with one parameter more, or this when {@code value} is null. */
    public Query with(String name, @Nullable Object value) {
        if (value == null) {
            return this;
        }
        List<Parameter> more = new ArrayList<>(parameters);
        more.add(new Parameter(name, value.toString()));
        return new Query(List.copyOf(more));
    }

    /** A copy with {@code name=true} when the flag is set. */
    public Query withFlag(String name, boolean set) {
        return set ? with(name, true) : this;
    }

    /** With its question mark; empty when there is no parameter. */
    String text() {
        return parameters.isEmpty()
                ? ""
                : parameters.stream()
                        .map(parameter -> parameter.name() + "=" + encoded(parameter.value()))
                        .collect(joining("&", "?", ""));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
