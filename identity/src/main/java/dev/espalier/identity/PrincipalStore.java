package dev.espalier.identity;

import java.util.Optional;

/** Where service principals are kept. Implemented by the room that owns the control database. */
public interface PrincipalStore {

    Optional<ServicePrincipal> find(String clientId);

    /** Keeps a new one. Durable when it returns. */
    void add(ServicePrincipal principal);

    /** Whether there is anyone who may do everything. */
    boolean administratorExists();
}
