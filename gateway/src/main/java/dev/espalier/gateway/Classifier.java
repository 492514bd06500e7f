package dev.espalier.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows PostgreSQL's grammar. */
public interface Classifier {

    /**
     * As {@link #classify}, for an event loop, which all its sessions would wait for.
     *
     * @return null if it would take a while
     */
    @Nullable
    List<StatementInfo> atOnce(byte[] sql);

    /**
     * The statements of one text, in order; an empty list for a text without a statement. A text that does not parse is one
     * statement that says so.
     *
     * @param sql the text in the client's encoding, without an end mark; not changed by either side
     */
    List<StatementInfo> classify(byte[] sql);

    /**
     * The text without its secrets as a server reads it whose {@code standard_conforming_strings} is off. May take a while.
     *
     * @param sql as for {@link #classify}
     */
    String readWithEscapes(byte[] sql);

    /**
     * Words about a client that is not let in, without what looks like a secret: it may have sent its own in the place of anything else.
     *
     * @param said all that it sent and the words may quote, or are
     */
    String withoutSecrets(String words, List<String> said);
}
