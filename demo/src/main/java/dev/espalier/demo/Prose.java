package dev.espalier.demo;

import java.util.List;
import java.util.Random;

/**
 * Free text as engineers write it: what the thing does and, now and then, whom to call. The call holds a person's name
 * with an e-mail or a phone, which is what a masking policy has to find in prose.
 */
final class Prose {

    private static final List<String> PURPOSE = List.of(
            "Keeps the {noun} of every customer consistent across regions.",
            "Reads {noun} events and writes them to the warehouse within a minute.",
            "Serves the {noun} pages and the API behind them.",
            "Replaces the old {noun} monolith; traffic moved over in three steps.",
            "Computes {noun} figures nightly and on demand.",
            "Single place where {noun} rules are decided.",
            "Thin layer over the vendor's {noun} product, so that it can be changed.",
            "Collects what the {noun} teams used to keep in spreadsheets.");

    private static final List<String> WRITE_TO = List.of(
            "Ask {person} <{email}> when it pages.",
            "On paper the team owns it; in practice write to {email}.",
            "Questions to {email}, please not in the incident channel.",
            "Access is granted by {person} ({email}).");

    private static final List<String> CALL = List.of(
            "Out of hours call {person} on {phone}.",
            "Escalation: {person}, {phone}.",
            "If the pager stays silent, {phone} reaches {person}.");

    private static final List<String> RUNBOOK = List.of(
            "Drain the queue first, then restart one replica at a time, never both; the last review lists what to check"
                    + " when the lag grows past ten minutes.",
            "The nightly run needs about forty minutes and must end before the finance close; a second run on the same"
                    + " day is safe, it overwrites what the first one wrote.",
            "It was split from its predecessor in spring and still reads one table of it; the plan to cut that tie is"
                    + " in the division's roadmap.");

    private final Random random;

    Prose(Random random) {
        this.random = random;
    }

    /**
     * A description of something about {@code noun}.
     *
     * @param contact whom the text may name
     * @param contactPercent how often it does, 0 to 100; every fourth contact is by phone
     */
    String description(String noun, Person contact, int contactPercent) {
        StringBuilder text = new StringBuilder(pick(PURPOSE));
        if (random.nextInt(100) < contactPercent) {
            text.append(' ').append(pick(random.nextInt(4) == 0 ? CALL : WRITE_TO));
        }
        if (random.nextInt(4) == 0) {
            text.append(' ').append(pick(RUNBOOK));
        }
        return text.toString()
                .replace("{noun}", noun)
                .replace("{person}", contact.displayName())
                .replace("{email}", contact.email())
                .replace("{phone}", contact.phone());
    }

    String pick(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
