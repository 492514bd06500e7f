package dev.espalier.identity;

import java.util.Set;
import java.util.TreeSet;

/**
 * One who can sign in.
 *
 * @param id identifies him for ever, and is never given to another; a service principal's client id
 * @param name what people and the record of calls know him by, and his role on every branch; a user's is his e-mail address
 * @param active whether he may sign in
 * @param groups names of the groups that he belongs to, directly or through other groups, when he was asked for
 */
public record Principal(String id, PrincipalKind kind, String name, boolean active, Set<String> groups) {

    /** The group whose members may do everything. */
    public static final String ADMINISTRATORS = "admins";

    public Principal {
        groups = Set.copyOf(groups);
    }

    /** Whether he may do everything. */
    public boolean administrator() {
        return groups.contains(ADMINISTRATORS);
    }

    /** All names under which something may be given to him: his own and his groups'. */
    public Set<String> names() {
        Set<String> names = new TreeSet<>(groups);
        names.add(name);
        return names;
    }

    /** Whether a client that signs in under this name means him: by name, or by id. The name of a user is an e-mail address. */
    public boolean goesBy(String text) {
        return text.equals(id) || (kind == PrincipalKind.USER ? folded(text) : text).equals(name);
    }

    /**
     * The name of a user as it is kept: an address is the same in capitals. Only letters of ASCII are made small, because others
     * become letters of ASCII when they are (the Kelvin sign a k), and another's address would become this one.
     */
    public static String folded(String userName) {
        StringBuilder folded = new StringBuilder(userName);
        for (int i = 0; i < folded.length(); i++) {
            char c = folded.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                folded.setCharAt(i, (char) (c + ('a' - 'A')));
            }
        }
        return folded.toString();
    }
}
