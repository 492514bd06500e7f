package dev.espalier.demo;

/**
 * Visits 0..size-1 in a scattered order without repeating before all have been seen: {@code start + n * step mod size}
 * with a step that has no factor in common with the size.
 */
record Permutation(int size, int start, int step) {

    static Permutation of(int size, long seed) {
        int start = (int) Long.remainderUnsigned(Seed.mix(seed, 0), size);
        // A step between a third and two thirds of the size keeps neighbours far apart.
        int step = size / 3 + (int) Long.remainderUnsigned(Seed.mix(seed, 1), size / 3);
        while (greatestCommonDivisor(step, size) != 1) {
            step++;
        }
        return new Permutation(size, start, step);
    }

    int at(int n) {
        return (int) ((start + (long) n * step) % size);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
