package dev.espalier.gateway;

import java.util.List;

/** Knows PostgreSQL's grammar. */
public interface Classifier {

    /**
     * The statements of one text, in order; an empty list for a text without a statement. Called on the event loop, so it
     * must answer from a cache where it can. A text that does not parse is one statement that says so.
     *
     * @param sql the text in the client's encoding, without an end mark; not changed by either side
     */
    List<StatementInfo> classify(byte[] sql);
}
