package dev.espalier.api.http;

/** What a route does. */
@FunctionalInterface
public interface Action {

    /** @return a record to write as JSON with status 200, or an {@link Answer} */
    Object answer(Request request);
}
