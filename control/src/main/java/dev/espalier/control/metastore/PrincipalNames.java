package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** Finds the principals that requests name. */
final class PrincipalNames {

    /**
     * One that was named.
     *
     * @param id empty for {@link Subject#EVERYONE}
     * @param name as the directory has it
     */
    record Named(Optional<Long> id, String name) {}

    private PrincipalNames() {}

    /**
     * @param text a name, a user's in capitals or not, or a service principal's client id, or {@link Subject#EVERYONE}
     * @throws ControlException if nobody is called so
     */
    static Named find(Handle handle, String text) {
        if (text.equals(Subject.EVERYONE)) {
            return new Named(Optional.empty(), text);
        }
        return handle.createQuery("""
                        SELECT id, name
                        FROM control.principal
                        WHERE name = :text OR uid = :text OR (kind = 'USER' AND name = :folded)
                        ORDER BY name = :text DESC
                        LIMIT 1
                        """)
                .bind("text", text)
                .bind("folded", Principal.folded(text))
                .map((row, context) -> new Named(Optional.of(row.getLong("id")), row.getString("name")))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no principal \"" + text + "\". espalier users, principals and groups list and make "
                                + "them; \"" + Subject.EVERYONE + "\" means all."));
    }

    /** The same names as the directory has them. */
    static Set<String> known(Handle handle, Collection<String> texts) {
        Set<String> names = new TreeSet<>();
        texts.forEach(text -> names.add(find(handle, text).name()));
        return names;
    }
}
