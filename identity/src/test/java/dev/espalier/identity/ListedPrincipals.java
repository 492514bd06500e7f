package dev.espalier.identity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Principals in memory. */
final class ListedPrincipals implements PrincipalStore {

    private final Map<String, Principal> byId = new ConcurrentHashMap<>();
    private final Map<String, String> byExternalId = new HashMap<>();
    private final Map<String, List<String>> secrets = new HashMap<>();

    ListedPrincipals(Principal... principals) {
        for (Principal principal : principals) {
            byId.put(principal.id(), principal);
        }
    }

    static Principal program(String id, String name) {
        return new Principal(id, PrincipalKind.SERVICE_PRINCIPAL, name, true, Set.of());
    }

    static Principal person(String id, String name) {
        return new Principal(id, PrincipalKind.USER, name, true, Set.of());
    }

    void externalId(String externalId, Principal principal) {
        byExternalId.put(externalId, principal.id());
    }

    void remove(Principal principal) {
        byId.remove(principal.id());
    }

    void secret(Principal principal, String kept) {
        secrets.computeIfAbsent(principal.id(), _ -> new ArrayList<>()).addFirst(kept);
    }

    @Override
    public Optional<Principal> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    @Override
    public Optional<Principal> named(String name) {
        return byId.values().stream()
                .filter(principal -> principal.goesBy(name))
                .findFirst();
    }

    @Override
    public Optional<Principal> user(String name) {
        return named(name).filter(principal -> principal.kind() == PrincipalKind.USER);
    }

    @Override
    public Optional<Principal> external(String externalId) {
        return Optional.ofNullable(byExternalId.get(externalId)).flatMap(this::find);
    }

    @Override
    public List<String> secrets(Principal principal) {
        return secrets.getOrDefault(principal.id(), List.of());
    }

    @Override
    public void addAdministrator(String id, String name, String keptSecret) {
        Principal principal =
                new Principal(id, PrincipalKind.SERVICE_PRINCIPAL, name, true, Set.of(Principal.ADMINISTRATORS));
        byId.put(id, principal);
        secret(principal, keptSecret);
    }

    @Override
    public boolean administratorExists() {
        return byId.values().stream().anyMatch(Principal::administrator);
    }
}
