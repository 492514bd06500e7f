package dev.espalier.gateway;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * What holds for one session beyond what its server enforces: it makes things convenient or stricter, and nothing is safe only
 * because of it.
 */
public interface SessionRules {

    /**
     * What the server gets for a text of the client's. Called on the event loop, so what takes a while must be said {@link Later}. A
     * text that the server may read in another way than the grammar is refused without asking.
     *
     * @param sql UTF-8, without an end mark; not changed by either side
     */
    Sent sent(byte[] sql);

    /**
     * The search_path that the session begins with in the place of the client's own.
     *
     * @return empty where it is the client's, or the role's
     */
    default Optional<String> searchPath() {
        return Optional.empty();
    }

    /**
     * Whether errors and notices come without details, those for a value without PostgreSQL's message, and notifications not at all: they may
     * show what the session may not read, and a block of code can LISTEN as well as a statement.
     */
    boolean hidesDetails();

    /**
     * What is to be done when the server has answered with an error, because it may come of rules that are not those of now any more.
     *
     * @return run on a thread that may wait; empty if nothing is
     */
    default Optional<Runnable> afterError(String sqlState) {
        return Optional.empty();
    }

    /** What the server gets. */
    sealed interface Sent {}

    /** The text itself. */
    record AsItIs() implements Sent {}

    /** Another text, in UTF-8, that means what the client wanted. The record keeps the client's. */
    record Instead(String sql) implements Sent {}

    /** What takes a while to find out: it is asked for once, and nothing that the client sends behind the text is looked at before. */
    record Later(Work work, Supplier<Sent> sent) implements Sent {}

    /** What is done meanwhile. */
    enum Work {
        /** The text is read, which takes a processor: of each principal one at a time, in turn with those of others. */
        READS,
        /** Something may be changed, on a thread of its own; not within a transaction that has failed, where PostgreSQL runs nothing. */
        ACTS
    }

    /** Nothing that would run; the client gets an error in its place among the other answers. */
    record Refused(Refusal refusal) implements Sent {}
}
