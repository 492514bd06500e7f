/**
 * Suites that nobody here wrote, run against a branch directly and through the gateway: the two must have the same result.
 * Start reading at {@link dev.espalier.benchmarks.conformance.Conformance}, then {@link
 * dev.espalier.benchmarks.conformance.Scene} (where they run) and one suite.
 */
package dev.espalier.benchmarks.conformance;
