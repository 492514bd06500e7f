package dev.espalier.gateway;

import java.time.Clock;
import java.util.concurrent.Executor;

/**
 * What all connections share.
 *
 * @param blocking runs what may block: sign-in, routing, the end of a lease
 * @param longTexts takes texts apart that take too long for a loop, one of each session at a time
 */
record Gateway(
        GatewaySettings settings,
        Ports ports,
        ConnectionLimits limits,
        CancelKeys cancelKeys,
        SessionIds sessionIds,
        WorkerWatch workers,
        Clock clock,
        Executor blocking,
        Executor longTexts) {

    /** @throws Refusal in strict mode, if the record cannot be kept */
    void keep(SessionRecord made) throws Refusal {
        Recorder.keep(
                ports.sink(),
                settings.strict(),
                made.client().sessionId(),
                () -> ports.sink().append(made));
    }
}
