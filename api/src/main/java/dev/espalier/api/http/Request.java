package dev.espalier.api.http;

import dev.espalier.api.wire.Wire;
import dev.espalier.control.Caller;
import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.ServicePrincipal;
import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** What a call asks, with everything in it checked for its form. */
public final class Request {

    private final Context context;
    private final Optional<ServicePrincipal> principal;

    /** @param principal who has signed in; empty on a route that is open */
    Request(Context context, Optional<ServicePrincipal> principal) {
        this.context = context;
        this.principal = principal;
    }

    /** A part of the path. */
    public String path(String name) {
        return text(name, context.pathParam(name));
    }

    /** The whole path, as it was sent. */
    public String path() {
        return context.path();
    }

    public String project() {
        return path("project_id");
    }

    public String branch() {
        return path("branch_id");
    }

    /** A parameter of the query; an empty one counts as not given. */
    public Optional<String> query(String name) {
        return Optional.ofNullable(context.queryParam(name))
                .filter(value -> !value.isEmpty())
                .map(value -> text(name, value));
    }

    /** @throws ControlException if it is not given */
    public String required(String name) {
        return query(name)
                .orElseThrow(() -> new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "the query parameter " + name + " is missing. Add ?" + name + "=…"));
    }

    /** A parameter that is true or false; false where it is not given. */
    public boolean flag(String name) {
        return switch (query(name).orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(name, "true or false");
        };
    }

    /** The size of a page; 0 where it is not given. */
    public int pageSize() {
        String size = query("page_size").orElse("0");
        try {
            return Integer.parseInt(size);
        } catch (NumberFormatException e) {
            throw wrong("page_size", "a whole number from 1 to 100");
        }
    }

    public Optional<String> pageToken() {
        return query("page_token");
    }

    /** A time as RFC 3339 writes it. */
    public Optional<Instant> time(String name) {
        try {
            return query(name).map(OffsetDateTime::parse).map(OffsetDateTime::toInstant);
        } catch (DateTimeException e) {
            throw wrong(name, "a time as RFC 3339 writes it, such as 2026-11-25T09:30:00Z");
        }
    }

    /** A field of a form. */
    public Optional<String> form(String name) {
        return Optional.ofNullable(context.formParam(name)).filter(value -> !value.isEmpty());
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(context.header(name));
    }

    /** The body, read from JSON. */
    public <T> T body(Class<T> type) {
        return Wire.read(context.bodyAsBytes(), type);
    }

    /** Who calls, for what is recorded. */
    public Caller caller() {
        return new Caller(principal().name(), CallRecorder.requestId(context));
    }

    /** Who has signed in. */
    public ServicePrincipal principal() {
        return principal.orElseThrow(() -> new IllegalStateException("an open route has asked who calls"));
    }

    /** Records who has signed in with this very call. */
    public void signedIn(ServicePrincipal who) {
        CallRecorder.principal(context, who);
    }

    /** The address by which the caller has reached this server, without a slash at its end. */
    public String server() {
        return context.scheme() + "://" + context.host();
    }

    private static String text(String name, String value) {
        if (value.indexOf('\0') >= 0) {
            throw wrong(name, "a text without null characters");
        }
        return value;
    }

    private static ControlException wrong(String name, String expected) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, name + " must be " + expected + ".");
    }
}
