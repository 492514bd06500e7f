package dev.espalier.api.unitycatalog;

import java.util.List;

/** Governed tags, all of them. */
public record GovernedTagList(List<GovernedTagBody> tagPolicies) {}
