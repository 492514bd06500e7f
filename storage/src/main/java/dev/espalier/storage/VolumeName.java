package dev.espalier.storage;

import java.util.regex.Pattern;

/**
 * Name of a volume: a file name of letters, digits, dot, underscore and hyphen, so that it can never leave its store's
 * directory.
 *
 * @param value 1 to 100 characters, not starting with a dot
 */
public record VolumeName(String value) implements Comparable<VolumeName> {

    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

    /** @throws IllegalArgumentException if the value is not a safe file name */
    public VolumeName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("not a volume name: " + value);
        }
    }

    static boolean isValid(String value) {
        return PATTERN.matcher(value).matches();
    }

    @Override
    public int compareTo(VolumeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
