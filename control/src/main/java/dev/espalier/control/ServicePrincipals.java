package dev.espalier.control;

import dev.espalier.identity.PrincipalStore;
import dev.espalier.identity.ServicePrincipal;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The service principals, in the control database. */
public final class ServicePrincipals implements PrincipalStore {

    private final Jdbi jdbi;

    ServicePrincipals(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    @Override
    public Optional<ServicePrincipal> find(String clientId) {
        return jdbi.withHandle(
                handle -> handle.select("SELECT * FROM control.service_principal WHERE client_id = ?", clientId)
                        .map((row, context) -> new ServicePrincipal(
                                row.getString("client_id"),
                                row.getString("display_name"),
                                row.getString("secret_hash"),
                                row.getBoolean("administrator")))
                        .findOne());
    }

    @Override
    public void add(ServicePrincipal principal) {
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO control.service_principal (client_id, display_name, secret_hash, administrator) "
                        + "VALUES (?, ?, ?, ?)",
                principal.clientId(),
                principal.name(),
                principal.secretHash(),
                principal.administrator()));
    }

    @Override
    public boolean administratorExists() {
        return jdbi.withHandle(
                handle -> handle.select("SELECT EXISTS (SELECT 1 FROM control.service_principal WHERE administrator)")
                        .mapTo(Boolean.class)
                        .one());
    }
}
