package dev.espalier.api.port;

import dev.espalier.control.BranchPort;
import java.util.List;

/** Ports, by number. */
public record PortList(List<PortResource> ports) {

    static PortList of(List<BranchPort> ports, String host) {
        return new PortList(
                ports.stream().map(port -> PortResource.of(port, host)).toList());
    }
}
