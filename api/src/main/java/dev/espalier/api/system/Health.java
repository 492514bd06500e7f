package dev.espalier.api.system;

/**
 * That the server answers.
 *
 * @param gateway where PostgreSQL clients connect
 */
public record Health(String status, String version, Gateway gateway) {

    /** The address of the gateway. */
    public record Gateway(String host, int port) {}
}
