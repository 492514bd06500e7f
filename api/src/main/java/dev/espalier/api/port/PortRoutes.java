package dev.espalier.api.port;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.BranchPorts;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.OptionalInt;

/** The methods for ports that lead to one branch only. */
public final class PortRoutes {

    private static final String ALL = Route.ROOT + "/projects/{project_id}/branches/{branch_id}/ports";

    private final BranchPorts ports;
    private final String host;

    /** @param host where the gateway listens */
    public PortRoutes(BranchPorts ports, String host) {
        this.ports = ports;
        this.host = host;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "openPort",
                                "Opens a port that leads to this branch only, also after a restart.",
                                PortResource.class,
                                this::open)
                        .body(PortRequest.class),
                Route.get(ALL, "listPorts", "Lists a branch's own ports.", PortList.class, this::list),
                Route.delete(
                        ALL + "/{port}",
                        "closePort",
                        "Closes a port; sessions that came through it go on.",
                        NoFields.class,
                        this::close),
                Route.get(
                        Route.ROOT + "/ports",
                        "listAllPorts",
                        "Lists the ports of all branches.",
                        PortList.class,
                        request -> PortList.of(ports.all(), request.reaching(host))));
    }

    private Object open(Request request) {
        OptionalInt wanted =
                request.body(PortRequest.class).port().map(OptionalInt::of).orElseGet(OptionalInt::empty);
        return PortResource.of(ports.open(request.project(), request.branch(), wanted), request.reaching(host));
    }

    private Object list(Request request) {
        return PortList.of(ports.of(request.project(), request.branch()), request.reaching(host));
    }

    private Object close(Request request) {
        String port = request.path("port");
        try {
            ports.close(request.project(), request.branch(), Integer.parseInt(port));
        } catch (NumberFormatException e) {
            throw new ControlException(Code.INVALID_PARAMETER_VALUE, "port \"" + port + "\" must be a number.", e);
        }
        return new NoFields();
    }
}
