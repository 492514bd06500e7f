package dev.espalier.api.http;

import dev.espalier.api.wire.Wire;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import dev.espalier.identity.Principal;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a call asks, with everything in it checked for its form. */
public final class Request {

    private final Context context;
    private final Optional<Principal> principal;
    private final byte[] body;
    private final Map<String, String> query;

    /**
     * @param principal who has signed in; empty on a route that is open
     * @param body what was sent; nothing where the method takes nothing
     */
    Request(Context context, Optional<Principal> principal, byte[] body) {
        this.context = context;
        this.principal = principal;
        this.body = body;
        this.query = UrlEncoded.read(Optional.ofNullable(context.queryString()).orElse(""));
    }

    /** A part of the path. */
    public String path(String name) {
        return context.pathParam(name);
    }

    /** The whole path, as it was sent. */
    public String path() {
        return context.path();
    }

    /**
     * The host by which the caller reaches what listens on a host of this machine: where that is every address, the one by
     * which he has reached this API.
     */
    public String reaching(String listening) {
        return Listening.isWildcard(listening) ? context.req().getServerName().replaceAll("[\\[\\]]", "") : listening;
    }

    public String project() {
        return path("project_id");
    }

    public String branch() {
        return path("branch_id");
    }

    /** A parameter of the query; an empty one counts as not given. */
    public Optional<String> query(String name) {
        return value(query, name);
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

    /** A count or a position. */
    public long number(String name, long whenAbsent) {
        String text = query(name).orElse(Long.toString(whenAbsent));
        if (text.matches("\\d{1,9}")) {
            return Long.parseLong(text);
        }
        throw wrong(name, "a whole number from 0 on");
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

    /** A field of a form that is the body; an empty one counts as not given. */
    public Optional<String> form(String name) {
        return value(UrlEncoded.read(new String(body, StandardCharsets.UTF_8)), name);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(context.header(name));
    }

    /** The body, read from JSON. */
    public <T> T body(Class<T> type) {
        return Wire.read(body, type);
    }

    /** Who calls, for what is recorded. */
    public Caller caller() {
        return new Caller(principal().name(), CallRecorder.requestId(context));
    }

    /** Who has signed in. */
    public Principal principal() {
        return principal.orElseThrow(() -> new IllegalStateException("an open route has asked who calls"));
    }

    /** Records who has signed in with this very call. */
    public void signedIn(Principal who) {
        CallRecorder.principal(context, who);
    }

    /** Has the audit say what endpoint it is about, which the path does not name. */
    public void about(ResourceName endpoint) {
        CallRecorder.about(context, endpoint);
    }

    /**
     * Has the audit say what a change was made from and what it has led to.
     *
     * @param before as the API shows it; empty for what was made
     * @param after as the API shows it; empty for what is gone
     */
    public void changed(Optional<?> before, Optional<?> after) {
        before.ifPresent(state -> CallRecorder.state(context, "before", Wire.write(state)));
        after.ifPresent(state -> CallRecorder.state(context, "after", Wire.write(state)));
    }

    /** Has the audit say what was worth knowing of a change, such as branches that could not be brought under it. */
    public void warned(List<String> warnings) {
        if (!warnings.isEmpty()) {
            CallRecorder.state(context, "warnings", Wire.write(warnings));
        }
    }

    /**
     * The address by which the caller has reached this server, without a slash at its end. A proxy that speaks TLS passes
     * the header Host on, and says so in X-Forwarded-Proto; both only decide what this caller is told.
     */
    public String server() {
        boolean tls = header("X-Forwarded-Proto").equals(Optional.of("https"));
        String host = header("Host")
                .orElseGet(
                        () -> context.req().getLocalAddr() + ":" + context.req().getLocalPort());
        return (tls ? "https" : context.scheme()) + "://" + host;
    }

    private static Optional<String> value(Map<String, String> values, String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
    }

    private static ControlException wrong(String name, String expected) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, name + " must be " + expected + ".");
    }
}
