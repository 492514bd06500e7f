package dev.espalier.control;

import java.util.Optional;

/**
 * What a branch is to be.
 *
 * @param source id of the branch it is made from; empty for the project's default branch
 * @param moment which state of that
 */
public record NewBranch(Optional<String> source, Moment moment, boolean isProtected, Expiration expiration) {}
