package dev.espalier.identity;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Principals of a test. */
final class ListedPrincipals implements PrincipalStore {

    private final Map<String, ServicePrincipal> byClientId = new ConcurrentHashMap<>();

    ListedPrincipals(ServicePrincipal... principals) {
        for (ServicePrincipal principal : principals) {
            add(principal);
        }
    }

    @Override
    public Optional<ServicePrincipal> find(String clientId) {
        return Optional.ofNullable(byClientId.get(clientId));
    }

    @Override
    public void add(ServicePrincipal principal) {
        byClientId.put(principal.clientId(), principal);
    }

    @Override
    public boolean administratorExists() {
        return byClientId.values().stream().anyMatch(ServicePrincipal::administrator);
    }
}
