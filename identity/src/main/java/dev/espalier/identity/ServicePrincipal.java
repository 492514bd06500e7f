package dev.espalier.identity;

/**
 * A program, or a person at a terminal, that signs in with a client id and a secret.
 *
 * @param clientId identifies it for ever
 * @param name what people and the record of calls know it by
 * @param secretHash what is kept of its secret, as {@link ClientSecrets#hash} makes it
 * @param administrator whether it may do everything
 */
public record ServicePrincipal(String clientId, String name, String secretHash, boolean administrator) {}
