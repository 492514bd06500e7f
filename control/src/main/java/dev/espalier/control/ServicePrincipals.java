package dev.espalier.control;

import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.PrincipalStore;
import dev.espalier.identity.ServicePrincipal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
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
                        .map((row, context) -> read(row))
                        .findOne());
    }

    /** By the name that people know it by, or its client id. */
    public Optional<ServicePrincipal> named(String name) {
        return jdbi.withHandle(handle -> handle.select(
                        "SELECT * FROM control.service_principal WHERE display_name = ? OR client_id = ?", name, name)
                .map((row, context) -> read(row))
                .findFirst());
    }

    /** All there are, by name. */
    public List<ServicePrincipal> list() {
        return jdbi.withHandle(handle -> handle.select("SELECT * FROM control.service_principal ORDER BY display_name")
                .map((row, context) -> read(row))
                .list());
    }

    /**
     * Makes one whose name is a role's on every branch it comes to.
     *
     * @throws ControlException if the name is taken, or cannot be a role's
     */
    public void create(ServicePrincipal principal) {
        Roles.checkName(principal.name());
        if (named(principal.name()).isPresent()) {
            throw new ControlException(
                    Code.ALREADY_EXISTS,
                    "there is a service principal \"" + principal.name() + "\" already. Choose another name.");
        }
        add(principal);
    }

    /**
     * Removes one for good: its secret and its tokens open nothing from now on.
     *
     * @throws ControlException if there is none of this name, or it is the last administrator
     */
    public void delete(String name) {
        jdbi.useTransaction(handle -> {
            ServicePrincipal principal = named(name)
                    .orElseThrow(() ->
                            new ControlException(Code.NOT_FOUND, "there is no service principal \"" + name + "\"."));
            long administrators = handle.select("SELECT count(*) FROM control.service_principal WHERE administrator")
                    .mapTo(Long.class)
                    .one();
            if (principal.administrator() && administrators == 1) {
                throw new ControlException(
                        Code.INVALID_STATE,
                        principal.name() + " is the only administrator and cannot be removed. Make another one first.");
            }
            handle.execute("DELETE FROM control.service_principal WHERE client_id = ?", principal.clientId());
        });
    }

    private static ServicePrincipal read(ResultSet row) throws SQLException {
        return new ServicePrincipal(
                row.getString("client_id"),
                row.getString("display_name"),
                row.getString("secret_hash"),
                row.getBoolean("administrator"));
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
