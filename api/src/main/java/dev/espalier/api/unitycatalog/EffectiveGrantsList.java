package dev.espalier.api.unitycatalog;

import java.util.List;

/** The same as {@link EffectiveGrantsResource}, as the method that lists it has it. */
public record EffectiveGrantsList(List<EffectiveGrantsResource.Assignment> effectivePrivilegeAssignments) {}
