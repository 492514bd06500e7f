package dev.espalier.control;

import dev.espalier.control.Operation.Failure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How what is tried again and again has failed the last time, since the start. */
final class RepeatedFailures {

    private record Attempt(Operation.Kind kind, String resourceUid) {}

    private final Map<Attempt, Failure> last = new ConcurrentHashMap<>();

    /** Whether the operation has failed as the one before it of its kind and resource; the next is compared with this one. */
    boolean has(Operation ended) {
        Attempt attempt = new Attempt(ended.kind(), ended.resourceUid());
        if (ended.error().isEmpty()) {
            last.remove(attempt);
            return false;
        }
        Failure failure = ended.error().get();
        // The message may name the operation, which is another one each time.
        Failure comparable = new Failure(failure.code(), failure.message().replace(ended.uid(), ""));
        return comparable.equals(last.put(attempt, comparable));
    }
}
