package dev.espalier.gateway;

import dev.espalier.gateway.StatementRecord.Outcome;

/** A message that the client sent and the server has not answered yet. */
sealed interface Exchange {

    /**
     * Answered by ParseComplete.
     *
     * @param came when, by {@link System#nanoTime}
     */
    record Parse(String name, SqlText text, long came) implements Exchange {}

    /**
     * Answered by BindComplete.
     *
     * @param came when, or what it was prepared with in the same batch, by {@link System#nanoTime}
     */
    record Bind(String portal, String statement, long came) implements Exchange {}

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

    /** What the server has under the name of a prepared statement or portal. */
    class Prepared {
        final SqlText text;

        /** When what made it came, by {@link System#nanoTime}. */
        final long came;

        /** When the server had made it, or the session ended without a word of it, by {@link System#nanoTime}. */
        final long answered;

        /** How it ends in its record if it is never executed. */
        final Outcome unexecuted;

        /** Whether there is a record that shows it, or will be; of a statement also that of what was bound to it. */
        boolean shown;

        /** Whether SQL may have run it by its name. */
        boolean ranInSql;

        Prepared(SqlText text, long came, long answered, Outcome unexecuted) {
            this.text = text;
            this.came = came;
            this.answered = answered;
            this.unexecuted = unexecuted;
        }
    }

    /** What a portal runs. */
    final class Portal extends Prepared {
        /** Number of the statement in its session, once it was executed. */
        long number;

        /** Executions so far. */
        int parts;

        /** Others of the same text that ended with it as it did. */
        int more;

        Portal(SqlText text, long came, long answered, Outcome unexecuted) {
            super(text, came, answered, unexecuted);
        }
    }
}
