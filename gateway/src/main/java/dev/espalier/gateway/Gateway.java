package dev.espalier.gateway;

import java.time.Clock;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all connections share.
 *
 * @param blocking runs what may block: sign-in, routing, the end of a lease
 * @param longTexts takes texts apart that take too long for a loop
 */
record Gateway(
        GatewaySettings settings,
        Ports ports,
        ConnectionLimits limits,
        CancelKeys cancelKeys,
        RefusedSignIns refused,
        SessionIds sessionIds,
        OpenSessions sessions,
        WorkerWatch workers,
        Clock clock,
        Executor blocking,
        TextWorkers longTexts) {

    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    /** Of somebody who is refused as it is, or whose session has ended: why it could not be kept is in the log. */
    void keepIfPossible(SessionRecord made) {
        try {
            keep(made);
        } catch (Refusal e) {
            LOG.debug("session {}: {}", made.client().sessionId(), e.reason());
        }
    }

    /** @throws Refusal in strict mode, if no record can be kept now */
    void refuseWhatCannotBeRecorded() throws Refusal {
        Recorder.refuseWhatCannotBeRecorded(ports.sink(), settings.strict());
    }

    /** @throws Refusal in strict mode, if the record cannot be kept */
    void keep(SessionRecord made) throws Refusal {
        Recorder.keep(
                ports.sink(),
                settings.strict(),
                made.client().sessionId(),
                () -> ports.sink().append(made));
    }
}
