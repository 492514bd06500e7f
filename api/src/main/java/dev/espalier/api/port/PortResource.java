package dev.espalier.api.port;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.BranchPort;
import java.time.Instant;
import java.util.Optional;

/** A port that leads to one branch only. */
public record PortResource(
        String name,

        @JsonPropertyDescription("The branch that it leads to.")
        String parent,

        @JsonPropertyDescription("The address that clients connect to.")
        String host,

        int port,
        State state,

        @JsonPropertyDescription("Why it is closed though it is to be open; it is tried again.")
        Optional<String> error,

        Instant createTime) {

    /** Whether clients can connect. */
    public enum State {
        OPEN,
        CLOSED
    }

    static PortResource of(BranchPort port, String host) {
        return new PortResource(
                port.name(),
                port.branchName(),
                host,
                port.port(),
                port.fault().isEmpty() ? State.OPEN : State.CLOSED,
                port.fault(),
                port.createTime());
    }
}
