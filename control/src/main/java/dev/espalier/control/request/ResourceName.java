package dev.espalier.control.request;

import dev.espalier.control.request.ControlException.Code;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of a resource as the API writes it: {@code projects/p}, {@code projects/p/branches/b} or
 * {@code projects/p/branches/b/<collection>/x}.
 *
 * @param collection of the third level: endpoints, roles or databases
 * @param id of the third level
 */
public record ResourceName(String project, Optional<String> branch, Optional<String> collection, Optional<String> id) {

    private static final Pattern NAME =
            Pattern.compile("projects/([^/]+)(?:/branches/([^/]+)(?:/(endpoints|roles|databases)/([^/]+))?)?");
    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    public static ResourceName project(String project) {
        return new ResourceName(project, Optional.empty(), Optional.empty(), Optional.empty());
    }

    public static ResourceName branch(String project, String branch) {
        return new ResourceName(project, Optional.of(branch), Optional.empty(), Optional.empty());
    }

    /** One of a branch's endpoints, roles or databases. */
    public static ResourceName below(String project, String branch, String collection, String id) {
        return new ResourceName(project, Optional.of(branch), Optional.of(collection), Optional.of(id));
    }

    /** @throws ControlException if the text is not a name */
    public static ResourceName parse(String text) {
        Matcher matcher = NAME.matcher(text);
        if (!matcher.matches()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + text
                            + "\" is not the name of a resource. Write projects/PROJECT, projects/PROJECT/branches/BRANCH "
                            + "or projects/PROJECT/branches/BRANCH/endpoints/ENDPOINT.");
        }
        return new ResourceName(
                matcher.group(1),
                Optional.ofNullable(matcher.group(2)),
                Optional.ofNullable(matcher.group(3)),
                Optional.ofNullable(matcher.group(4)));
    }

    /**
     * Checks an id chosen by a user: 1 to 63 lower-case letters, digits and hyphens, beginning with a letter.
     *
     * @param what what it is the id of, for the message
     */
    public static String checkId(String what, String id) {
        if (!ID.matcher(id).matches()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + id + "\" is not a valid " + what
                            + " id. Use 1 to 63 lower-case letters, digits and hyphens, beginning with a letter.");
        }
        return id;
    }

    @Override
    public String toString() {
        return "projects/" + project + branch.map(b -> "/branches/" + b).orElse("")
                + collection.map(c -> "/" + c + "/" + id.orElseThrow()).orElse("");
    }
}
