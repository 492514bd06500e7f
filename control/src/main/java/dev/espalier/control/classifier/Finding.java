package dev.espalier.control.classifier;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What speaks for it that a column holds something of people. It never has a value of the column in it.
 *
 * @param byName whether the column's name says so
 * @param rows values that were looked at
 * @param matching those that are, or that have in them, what it is about
 * @param within the key in JSON documents where the most of them were; empty where the value itself matched, and where no key is sure
 *     to be a name and no data
 */
public record Finding(PersonalData data, boolean byName, int rows, int matching, Optional<String> within) {

    /** How sure it is. */
    public enum Confidence {
        LOW,
        MEDIUM,
        HIGH
    }

    private static final double MOST = 0.5;
    private static final double SOME = 0.05;

    /** From so many values on, a name that none of them bears out says little. */
    private static final int ENOUGH = 20;

    private static final Set<PersonalData> WITH_SYNTAX =
            EnumSet.of(PersonalData.EMAIL, PersonalData.IBAN, PersonalData.CARD, PersonalData.IP);

    /** From 0 to 1. */
    public double share() {
        return rows == 0 ? 0 : (double) matching / rows;
    }

    public Confidence confidence() {
        if (share() >= MOST) {
            return Confidence.HIGH;
        }
        boolean unlikely = matching == 0 && rows >= ENOUGH && WITH_SYNTAX.contains(data);
        return (byName && !unlikely) || share() >= SOME ? Confidence.MEDIUM : Confidence.LOW;
    }

    /** In words. */
    public String evidence() {
        String values = matching == 0
                ? rows == 0 ? "" : "none of " + rows + " values looks like it"
                : matching + " of " + rows + " values"
                        + within.map(key -> ", in JSON under \"" + key + "\"").orElse("");
        String name = byName ? "the column's name" : "";
        return name + (name.isEmpty() || values.isEmpty() ? "" : "; ") + values;
    }
}
