package dev.espalier.engine;

import dev.espalier.postgres.PostgresServer;
import dev.espalier.storage.VolumeName;
import java.util.Optional;

/**
 * A cluster to take a copy of.
 *
 * @param volume where its data are
 * @param server the server that runs on it, if one does
 */
public record Cluster(VolumeName volume, Optional<PostgresServer> server) {}
