package dev.espalier.benchmarks.conformance;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A way to a branch.
 *
 * @param name what it is called in results
 * @param host a host's name, or the directory of a Unix socket
 * @param password the client secret at the gateway; anything where nobody asks for one
 * @param options startup options in libpq's form; empty for none
 */
record Door(String name, String host, int port, String user, String password, String options) {

    /** The same by another address. */
    Door by(String otherHost, int otherPort) {
        return new Door(name, otherHost, otherPort, user, password, options);
    }

    /**
     * As libpq and what imitates it read it. Without TLS, which a private socket does not have either: a few expected
     * outputs hold libpq's words for a connection that ends, and over TLS they are others.
     */
    Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PGHOST", host);
        variables.put("PGPORT", Integer.toString(port));
        variables.put("PGUSER", user);
        variables.put("PGPASSWORD", password);
        variables.put("PGSSLMODE", "disable");
        if (!options.isEmpty()) {
            variables.put("PGOPTIONS", options);
        }
        return variables;
    }
}
