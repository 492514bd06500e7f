package dev.espalier.api.unitycatalog;

import java.util.List;

/** Policies, all that were asked for. */
public record PolicyList(List<PolicyResource> policies) {}
