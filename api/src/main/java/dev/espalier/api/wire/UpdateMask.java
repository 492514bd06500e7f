package dev.espalier.api.wire;

import static java.util.stream.Collectors.toSet;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which fields an update changes: paths with commas between them. {@code *}, {@code spec} or no mask at all means every field
 * that is given; a path that has others below it means those of them that are given.
 */
public final class UpdateMask {

    /**
     * The fields of a resource that can be changed.
     *
     * @param paths their paths, in the order in which a message lists them
     * @param synonyms other paths for the same
     */
    public record Fields(List<String> paths, Map<String, String> synonyms) {

        private String canonical(String path) {
            String canonical = synonyms.getOrDefault(path, path);
            if (!paths.contains(canonical) && !EVERYTHING.contains(canonical)) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "update_mask has \"" + path + "\", which cannot be changed. Choose from "
                                + String.join(", ", paths) + ", or * for all fields given.");
            }
            return canonical;
        }
    }

    private static final Set<String> EVERYTHING = Set.of("*", "spec");

    private final Set<String> paths;
    private final boolean everything;

    private UpdateMask(Set<String> paths) {
        this.paths = paths;
        this.everything = paths.isEmpty() || paths.stream().anyMatch(EVERYTHING::contains);
    }

    /** @throws ControlException if the mask has a path that is not among the fields */
    public static UpdateMask parse(Optional<String> text, Fields fields) {
        return new UpdateMask(Arrays.stream(text.orElse("").split(","))
                .map(String::strip)
                .filter(path -> !path.isEmpty())
                .map(fields::canonical)
                .collect(toSet()));
    }

    /** Whether the field itself is in the mask, and not only among all that are given. */
    public boolean names(String path) {
        return paths.contains(path);
    }

    /**
     * The value to change the field to; empty where it stays.
     *
     * @throws ControlException if the mask names the field and the body has no value for it
     */
    public <T> Optional<T> value(String path, Optional<T> given) {
        if (names(path) && given.isEmpty()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "update_mask names " + path
                            + ", and the body has no value for it. Give one, or take it out of the mask.");
        }
        return covers(path) ? given : Optional.empty();
    }

    /** As above, for a field that has a value when none is given: clients leave out what is false or empty. */
    public <T> Optional<T> value(String path, Optional<T> given, T whenAbsent) {
        return names(path) ? Optional.of(given.orElse(whenAbsent)) : value(path, given);
    }

    private boolean covers(String path) {
        return everything || paths.stream().anyMatch(named -> path.equals(named) || path.startsWith(named + "."));
    }
}
