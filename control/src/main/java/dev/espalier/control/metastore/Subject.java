package dev.espalier.control.metastore;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One who may sign in to the branches of a project, or an agent that does so in his name.
 *
 * @param name of his role on every branch; a user's or service principal's own, where no agent acts for him
 * @param names all names under which something is given to him or binds him: his own, his groups', and {@link #EVERYONE}
 * @param manages whether he may do everything with the project; where no policy binds him, everything in its databases, too
 * @param agent that acts for him: then he has what both have, and what binds one of them binds him
 */
public record Subject(String name, Set<String> names, boolean manages, Optional<Subject> agent) {

    /** The group that everybody is in, by Unity Catalog's name. */
    public static final String EVERYONE = "account users";

    /** The group that every agent is in while it acts for somebody. */
    public static final String AGENTS = "agents";

    public Subject {
        Set<String> all = new HashSet<>(names);
        all.add(name);
        all.add(EVERYONE);
        names = Set.copyOf(all);
    }

    /** One who acts for himself. */
    public Subject(String name, Set<String> names, boolean manages) {
        this(name, names, manages, Optional.empty());
    }
}
