package dev.espalier.benchmarks;

import java.util.Arrays;

/** What is made of several measurements. */
final class Numbers {

    private Numbers() {}

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
