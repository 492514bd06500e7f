package dev.espalier.gateway;

/** A message that the client sent and the server has not answered yet. */
sealed interface Exchange {

    /** Answered by ParseComplete. */
    record Parse(String name, SqlText text) implements Exchange {}

    /** Answered by BindComplete. */
    record Bind(String portal, String statement) implements Exchange {}

    /** Answered by RowDescription or NoData. */
    record Describe(boolean ofPortal, String name) implements Exchange {}

    /** Answered by CloseComplete. */
    record Close(boolean ofPortal, String name) implements Exchange {}

    /** Answered by ReadyForQuery. */
    enum Sync implements Exchange {
        SYNC
    }

    /** COPY data and its ends that came one after the other before the server said that it takes COPY data. Not answered. */
    final class EarlyCopy implements Exchange {
        long ends;

        /** Whether data came behind the last end. */
        boolean data;
    }

    /** Runs statements. */
    abstract sealed class Run implements Exchange {
        /** When it came, by {@link System#nanoTime}. */
        final long came;

        final long bytes;

        private Run(long came, long bytes) {
            this.came = came;
            this.bytes = bytes;
        }
    }

    /** Answered by CommandComplete, EmptyQueryResponse or PortalSuspended. */
    final class Execute extends Run {
        final String portal;

        Execute(String portal, long came, long bytes) {
            super(came, bytes);
            this.portal = portal;
        }
    }

    /** Answered by any number of completions and one ReadyForQuery. A FunctionCall is one, too, with one completion. */
    final class Query extends Run {
        final SqlText text;

        /** Completions so far. */
        int completed;

        Query(SqlText text, long came, long bytes) {
            super(came, bytes);
            this.text = text;
        }
    }

    /** What a portal runs. */
    final class Portal {
        final SqlText text;

        /** Number of the statement in its session, once it was executed. */
        long number;

        /** Executions so far. */
        int parts;

        Portal(SqlText text) {
            this.text = text;
        }
    }
}
