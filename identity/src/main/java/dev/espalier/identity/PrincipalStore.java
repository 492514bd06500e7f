package dev.espalier.identity;

import java.util.List;
import java.util.Optional;

/** Where principals are kept. Implemented by the room that owns the control database. */
public interface PrincipalStore {

    /** By id. */
    Optional<Principal> find(String id);

    /** By name, or by id. */
    Optional<Principal> named(String name);

    /** The user of this name. */
    Optional<Principal> user(String name);

    /** By the id that another system has for him. */
    Optional<Principal> external(String externalId);

    /** What is kept of his client secrets, as {@link ClientSecrets#keep} makes it, the newest first. */
    List<String> secrets(Principal principal);

    /** Keeps a new service principal that may do everything. Durable when it returns. */
    void addAdministrator(String id, String name, String keptSecret);

    /** Whether there is anyone who may do everything. */
    boolean administratorExists();
}
