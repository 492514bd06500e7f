package dev.espalier.control.replay;

import java.time.Instant;
import java.util.Optional;

/**
 * A text that somebody has run.
 *
 * @param agent that acted for him
 * @param role that it ran as: the principal's, or the one of the agent that acts for him
 * @param runs how often, within the time that was asked for
 */
public record RecordedStatement(
        String principal, Optional<String> agent, String role, String text, long runs, Instant lastRun) {}
