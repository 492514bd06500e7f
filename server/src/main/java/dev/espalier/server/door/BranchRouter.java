package dev.espalier.server.door;

import dev.espalier.control.ControlPlane;
import dev.espalier.control.Logins;
import dev.espalier.control.Logins.Destination;
import dev.espalier.control.request.Address;
import dev.espalier.control.request.ControlException;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.Principal;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.Route;
import dev.espalier.gateway.Route.Named;
import dev.espalier.gateway.Router;
import dev.espalier.gateway.Target;
import dev.espalier.sql.StatementCache;
import java.util.Optional;

/** Asks the control plane where a session goes. The database's address is stronger than what else names a branch. */
final class BranchRouter implements Router {

    private static final String PROJECT = "project";
    private static final String BRANCH = "branch";

    /** A host name that says where to go: {@code BRANCH.PROJECT.any.domain}. */
    private static final int LABELS_WITH_PROJECT = 3;

    /** So often a branch is looked for that wakes, or comes under other rules, during a sign-in. */
    private static final int ATTEMPTS = 3;

    private final ControlPlane control;
    private final SystemDatabase system;
    private final StatementCache statements;

    BranchRouter(ControlPlane control, SystemDatabase system, StatementCache statements) {
        this.control = control;
        this.system = system;
        this.statements = statements;
    }

    /** What the gateway is told of the branch that a port of its own leads to. */
    static String listenerBranch(String projectId, String branchId) {
        return projectId + "/" + branchId;
    }

    @Override
    public Route route(Principal principal, ClientInfo client, Target target) throws Refusal {
        try {
            dev.espalier.identity.Principal who = control.principals()
                    .find(principal.id())
                    .filter(found -> found.active() && found.name().equals(principal.name()))
                    .orElseThrow(() ->
                            new Refusal("28000", "there is no active principal " + principal.name() + " any more", ""));
            if (SystemDatabase.isMeant(target.database(), principal)) {
                return system.route(principal, client, who);
            }
            for (int attempt = 1; ; attempt++) {
                try {
                    return route(who, principal, target);
                } catch (ControlException e) {
                    if (!e.reason().equals(Logins.CHANGED_MEANWHILE) || attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        } catch (RuntimeException e) {
            throw refusal(e);
        }
    }

    private Route route(dev.espalier.identity.Principal who, Principal principal, Target target) {
        Optional<String> agent = Optional.of(principal.acting().agent()).filter(name -> !name.isEmpty());
        Destination to = control.logins().open(who, agent, address(who, target), principal.endpoint());
        OpenSight sight = new OpenSight(
                statements,
                to.role(),
                to.sight(),
                target.searchPath(),
                to.project().pgVersion(),
                () -> control.logins().lookAgain(to));
        Runnable leave = control.logins().enter(to, target.applicationName(), sight::changed, sight::removed);
        return new Route(
                new Named(to.project().uid(), to.project().projectId()),
                new Named(to.branch().uid(), to.branch().branchId()),
                new Named(to.endpoint().uid(), to.endpoint().endpointId()),
                to.database(),
                to.role(),
                to.socketDirectory(),
                leave::run,
                sight.recall(),
                sight.rules());
    }

    /** In the order of their strength: the database's address, the branch's own port, the options, the host's name. */
    private Address address(dev.espalier.identity.Principal who, Target target) {
        Address address = Address.parse(target.database());
        if (target.listenerBranch().isPresent()) {
            String[] own = target.listenerBranch().get().split("/", 2);
            address = address.or(Optional.of(own[0]), Optional.of(own[1]));
        }
        address = address.or(
                Optional.ofNullable(target.options().get(PROJECT)),
                Optional.ofNullable(target.options().get(BRANCH)));
        String[] labels = target.sniHost().orElse("").split("\\.");
        return labels.length >= LABELS_WITH_PROJECT && mayUse(who, labels[1])
                ? address.or(Optional.of(labels[1]), Optional.of(labels[0]))
                : address;
    }

    /** Any other host name is just the gateway's. */
    private boolean mayUse(dev.espalier.identity.Principal who, String project) {
        return control.access().permission(who, project).isPresent();
    }

    /**
     * What a client is told whose sign-in fails for that reason.
     *
     * @throws RuntimeException the failure itself, if it is Espalier's own
     */
    static Refusal refusal(RuntimeException failure) {
        ControlException refused = ControlException.of(failure).orElseThrow(() -> failure);
        String state = switch (refused.code()) {
            case NOT_FOUND, INVALID_PARAMETER_VALUE -> "3D000";
            case PERMISSION_DENIED -> "42501";
            case INVALID_STATE -> "55000";
            case TEMPORARILY_UNAVAILABLE -> "57P03";
            default -> "08004";
        };
        return new Refusal(state, String.valueOf(refused.getMessage()), "");
    }
}
