package dev.espalier.api.wire;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Says where in a body a value of the wrong type is, and what belongs there. */
final class WrongValue {

    private WrongValue() {}

    static String message(JacksonException e) {
        if (e instanceof InvalidNullException) {
            return path(e.getPath()) + " is null. Give a value, or leave it out.";
        }
        Class<?> type = switch (e) {
            case MismatchedInputException mismatch -> mismatch.getTargetType();
            case InputCoercionException number -> number.getTargetType();
            default -> null;
        };
        return path(e.getPath()) + " must be " + expected(type) + ".";
    }

    private static String path(List<JacksonException.Reference> references) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference reference : references) {
            if (reference.getPropertyName() == null) {
                path.append('[').append(reference.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(reference.getPropertyName());
            }
        }
        return path.isEmpty() ? "the body" : path.toString();
    }

    private static String expected(@Nullable Class<?> type) {
        if (type == null) {
            return "of another type";
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants()).map(String::valueOf).collect(joining(", ", "one of ", ""));
        }
        if (type == String.class) {
            return "a text without null characters";
        }
        if (type == Duration.class) {
            return "a duration in seconds, such as \"300s\" or \"0.5s\"";
        }
        if (type == Instant.class) {
            return "a time as RFC 3339 writes it, such as \"2026-11-25T09:30:00Z\"";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (type == Long.class || type == long.class || type == Integer.class || type == int.class) {
            return "a whole number within the range of its type";
        }
        if (type == Double.class) {
            return "a number";
        }
        return Collection.class.isAssignableFrom(type) ? "a list" : "an object";
    }
}
