package dev.espalier.api.principal;

import java.util.List;

/** The client secrets of a service principal. */
public record SecretList(List<SecretResource> secrets) {}
