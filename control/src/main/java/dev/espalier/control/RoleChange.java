package dev.espalier.control;

import java.util.List;
import java.util.Optional;

/** What is to change of a role; what is empty stays. */
public record RoleChange(
        Optional<String> postgresRole,
        Optional<Role.AuthMethod> authMethod,
        Optional<List<String>> memberOf,
        Attributes attributes) {

    /** What is to change of a role's attributes; what is empty stays. */
    public record Attributes(Optional<Boolean> createdb, Optional<Boolean> createrole, Optional<Boolean> bypassrls) {

        /** Changes nothing. */
        public static final Attributes NONE = new Attributes(Optional.empty(), Optional.empty(), Optional.empty());

        /** Whatever they were, they are to be these. */
        static Attributes to(Role.Attributes wanted) {
            return new Attributes(
                    Optional.of(wanted.createdb()), Optional.of(wanted.createrole()), Optional.of(wanted.bypassrls()));
        }

        /** The given ones with this change. */
        public Role.Attributes over(Role.Attributes now) {
            return new Role.Attributes(
                    createdb.orElse(now.createdb()),
                    createrole.orElse(now.createrole()),
                    bypassrls.orElse(now.bypassrls()));
        }
    }
}
