package dev.espalier.api.unitycatalog;

import java.util.List;

/** Tags of one entity, all of them. */
public record TagAssignmentList(List<TagAssignmentBody> tagAssignments) {}
