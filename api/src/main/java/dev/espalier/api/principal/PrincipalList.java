package dev.espalier.api.principal;

import java.util.List;

/** All service principals. */
public record PrincipalList(List<PrincipalResource> principals) {}
