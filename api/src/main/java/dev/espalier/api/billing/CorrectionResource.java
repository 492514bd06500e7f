package dev.espalier.api.billing;

/**
 * What a correction has written.
 *
 * @param retraction the record that takes the wrong one back
 * @param restatement the record in its place
 */
public record CorrectionResource(String retraction, String restatement) {}
