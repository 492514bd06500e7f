package dev.espalier.control.metastore;

import java.util.HashSet;
import java.util.Set;

/**
 * One who may sign in to the branches of a project.
 *
 * @param name of the user or service principal, and of his role on every branch
 * @param names all names under which something is given to him or binds him: his own, his groups', and {@link #EVERYONE}
 * @param manages whether he may do everything with the project; where no policy binds him, everything in its databases, too
 */
public record Subject(String name, Set<String> names, boolean manages) {

    /** The group that everybody is in, by Unity Catalog's name. */
    public static final String EVERYONE = "account users";

    public Subject {
        Set<String> all = new HashSet<>(names);
        all.add(name);
        all.add(EVERYONE);
        names = Set.copyOf(all);
    }
}
