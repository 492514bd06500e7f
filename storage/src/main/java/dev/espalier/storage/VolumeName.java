package dev.espalier.storage;

/**
 * Name of a volume: a file name of letters, digits, dot, underscore and hyphen, so that it can never leave its store's
 * directory.
 *
 * @param value 1 to 100 characters, not starting with a dot
 */
public record VolumeName(String value) implements Comparable<VolumeName> {

    /** @throws IllegalArgumentException if the value is not a safe file name */
    public VolumeName {
        if (!value.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")) {
            throw new IllegalArgumentException("not a volume name: " + value);
        }
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
