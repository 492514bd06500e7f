package dev.espalier.control;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a masked mirror follows its source.
 *
 * @param reason why it stands still, and what to do
 * @param lagBytes log of the source that it has not applied yet
 */
public record Mirror(State state, Optional<String> reason, OptionalLong lagBytes) {

    /** The states of a mirror's life. */
    public enum State {
        /** Takes the rows that were there when it was made. */
        COPYING,
        /** Applies every change of its source. */
        STREAMING,
        /** Applies nothing for now, and goes on by itself when the reason is gone. */
        STOPPED,
        /** Can never go on: the source's tables or the rules are others. It is to be reset. */
        OUT_OF_DATE
    }

    /** Why a mirror can never go on, which cannot be reset either. */
    static final String SOURCE_IS_GONE = "its source is gone. Delete it, and make a mirror of a branch that is there.";

    /** One that has just been made. */
    static final Mirror NEW = new Mirror(State.COPYING, Optional.empty(), OptionalLong.empty());

    static Mirror stopped(String reason) {
        return new Mirror(State.STOPPED, Optional.of(reason), OptionalLong.empty());
    }

    static Mirror outOfDate(String reason) {
        return new Mirror(State.OUT_OF_DATE, Optional.of(reason), OptionalLong.empty());
    }
}
