package dev.espalier.control;

import dev.espalier.control.request.Caller;
import dev.espalier.control.request.Place;
import java.time.Instant;

/**
 * What has become of an operation.
 *
 * @param operation as it is now: done, and with its error if it has failed
 * @param place that it was at work on
 * @param principal who asked for it; {@link Caller#SYSTEM}'s where nobody did
 * @param requestId of the call that began it; empty where none did, and where another process had taken that call
 */
public record OperationEnd(Operation operation, Place place, String principal, String requestId, Instant time) {}
