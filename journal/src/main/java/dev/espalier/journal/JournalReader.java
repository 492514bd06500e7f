package dev.espalier.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a journal's events in order, over the ends of segments. */
final class JournalReader implements AutoCloseable {

    private final SegmentFiles files;
    private Optional<SegmentReader> current = Optional.empty();

    JournalReader(SegmentFiles files) {
        this.files = files;
    }

    /** An event with its number. */
    record Numbered(long sequence, Event event) {}

    /** Sequence of the oldest event that is still there, or will be the first. */
    long firstSequence() {
        try (SegmentReader first = new SegmentReader(files.path(files.list().getFirst()))) {
            return first.header().firstSequence();
        }
    }

    /**
     * Events from the first sequence on, at most up to the last one.
     *
     * @param maxBytes stops behind the event that reaches this many
     * @throws JournalDamage if something else is there
     */
    List<Numbered> read(long from, long to, int maxEvents, long maxBytes) {
        List<Numbered> events = new ArrayList<>();
        long bytes = 0;
        SegmentReader reader = at(from);
        while (reader.nextSequence() <= to && events.size() < maxEvents && bytes < maxBytes) {
            long sequence = reader.nextSequence();
            Optional<byte[]> found = reader.next();
            if (found.isEmpty()) {
                reader = at(sequence, reader.header().number() + 1);
                continue;
            }
            bytes += found.get().length;
            events.add(new Numbered(sequence, EventCodec.decode(found.get())));
        }
        return events;
    }

    private SegmentReader at(long sequence) {
        if (current.isPresent() && current.get().nextSequence() == sequence) {
            return current.get();
        }
        for (long number : files.list().reversed()) {
            try (SegmentReader candidate = new SegmentReader(files.path(number))) {
                long first = candidate.header().firstSequence();
                if (first == 0 || first > sequence) {
                    continue;
                }
            }
            return at(sequence, number);
        }
        throw new JournalException("event " + sequence + " is in none of the journal's segments in "
                + files.path(0).getParent() + ". Look who has removed files there.");
    }

    private SegmentReader at(long sequence, long number) {
        close();
        SegmentReader reader = new SegmentReader(files.path(number));
        current = Optional.of(reader);
        if (reader.header().firstSequence() > sequence) {
            throw reader.damage("event " + sequence + " is missing before it");
        }
        while (reader.nextSequence() < sequence) {
            if (reader.next().isEmpty()) {
                throw reader.damage("event " + reader.nextSequence() + " is missing");
            }
        }
        return reader;
    }

    @Override
    public void close() {
        current.ifPresent(SegmentReader::close);
        current = Optional.empty();
    }
}
