package dev.espalier.api;

import dev.espalier.control.Endpoint;
import dev.espalier.postgres.UnixSockets;
import java.sql.SQLException;

/** The database that a project comes with. */
record FirstDatabase(TestApi api, String project) {

    /** Runs a statement on the branch production, as who has made the project. */
    void run(String statement) throws SQLException {
        Endpoint endpoint = api.plane.endpoints().get(project, "production", Endpoint.PRIMARY);
        String owner = api.plane.principals().find(api.clientId()).orElseThrow().name();
        try (var session = UnixSockets.dataSource(endpoint.socketDirectory(), "databricks_postgres", owner)
                        .getConnection();
                var work = session.createStatement()) {
            work.execute(statement);
        }
    }

    /** What its catalog is called. */
    String catalog() {
        return api.get("/api/2.1/unity-catalog/catalogs")
                .ok()
                .get("catalogs")
                .valueStream()
                .filter(one -> one.at("/properties/project").asString().equals("projects/" + project))
                .findFirst()
                .orElseThrow()
                .get("name")
                .asString();
    }
}
