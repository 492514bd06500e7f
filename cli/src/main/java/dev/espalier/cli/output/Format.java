package dev.espalier.cli.output;

import java.util.Locale;

/** What stdout is for: a person, or a program. */
public enum Format {
    TABLE,
    JSON;

    /** As the command line has it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
