package dev.espalier.storage;

import java.util.Arrays;

/** An immutable set of bytes on a disk, held as ascending ranges that do not touch. */
final class Extents {

    static final Extents NONE = new Extents(new long[0]);

    /** Start and end (exclusive) of each range in turn. */
    private final long[] bounds;

    private Extents(long[] bounds) {
        this.bounds = bounds;
    }

    boolean isEmpty() {
        return bounds.length == 0;
    }

    long bytes() {
        long bytes = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            bytes += bounds[i + 1] - bounds[i];
        }
        return bytes;
    }

    /** What is here and not in {@code other}. */
    Extents minus(Extents other) {
        Collector left = new Collector();
        int o = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            long start = bounds[i];
            long end = bounds[i + 1];
            while (o < other.bounds.length && other.bounds[o + 1] <= start) {
                o += 2;
            }
            for (int p = o; p < other.bounds.length && other.bounds[p] < end; p += 2) {
                left.add(start, other.bounds[p]);
                start = other.bounds[p + 1];
            }
            left.add(start, end);
        }
        return left.extents();
    }

    /** Gathers ranges in any order, overlapping or not. */
    static final class Collector {

        private long[] starts = new long[64];
        private long[] ends = new long[64];
        private int count;

        /** Adds bytes {@code start} to {@code end} (exclusive), if there are any. */
        void add(long start, long end) {
            if (start >= end) {
                return;
            }
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
            }
            starts[count] = start;
            ends[count] = end;
            count++;
        }

        void addAll(Extents extents) {
            for (int i = 0; i < extents.bounds.length; i += 2) {
                add(extents.bounds[i], extents.bounds[i + 1]);
            }
        }

        /**
         * The union. Starts and ends are sorted apart: a gap is where as many ranges have ended as have started, whichever
         * end belongs to which start.
         */
        Extents extents() {
            Arrays.sort(starts, 0, count);
            Arrays.sort(ends, 0, count);
            long[] bounds = new long[2 * count];
            int length = 0;
            for (int i = 0; i < count; i++) {
                boolean begins = i == 0 || starts[i] > ends[i - 1];
                if (begins) {
                    bounds[length++] = starts[i];
                }
                if (i == count - 1 || starts[i + 1] > ends[i]) {
                    bounds[length++] = ends[i];
                }
            }
            return new Extents(Arrays.copyOf(bounds, length));
        }
    }
}
