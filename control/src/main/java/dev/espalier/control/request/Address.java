package dev.espalier.control.request;

import java.util.Optional;

/**
 * Where somebody wants to go, in his own words: {@code [PROJECT/]DATABASE[@BRANCH]}.
 *
 * @param project id of the project; empty where the database's name is enough
 * @param database its name in PostgreSQL
 * @param branch id of the branch; empty for the default branch
 */
public record Address(Optional<String> project, String database, Optional<String> branch) {

    /** Reads it: the first slash ends the project, the last at sign begins the branch. */
    public static Address parse(String text) {
        int at = text.lastIndexOf('@');
        int slash = text.indexOf('/');
        String database = text.substring(slash + 1, at > slash ? at : text.length());
        return new Address(
                slash < 0 ? Optional.empty() : Optional.of(text.substring(0, slash)),
                database,
                at > slash ? Optional.of(text.substring(at + 1)) : Optional.empty());
    }

    /**
     * The same with what is said elsewhere about the project and the branch, where the address leaves it open. A branch is one of
     * the project that is named with it: that of another project than the address's is not taken.
     */
    public Address or(Optional<String> otherProject, Optional<String> otherBranch) {
        boolean isAbout = project.isEmpty() || otherProject.isEmpty() || project.equals(otherProject);
        return isAbout ? new Address(project.or(() -> otherProject), database, branch.or(() -> otherBranch)) : this;
    }
}
