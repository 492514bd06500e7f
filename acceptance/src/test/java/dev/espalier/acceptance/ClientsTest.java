package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.flywaydb.core.Flyway;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients that know nothing of Espalier work through the gateway as they do on PostgreSQL itself. */
@ExtendWith(Shared.class)
class ClientsTest {

    static final String NODE_POSTGRES = "pg@8.23.1";

    @TempDir
    private Path directory;

    private final ServerProcess server;
    private final Shop shop;
    private final int port;

    ClientsTest(ServerProcess server, Shop shop) throws IOException, InterruptedException {
        this.server = server;
        this.shop = shop;
        this.port = server.gatewayPort();
    }

    private void runs(String branch, List<String> command) throws IOException, TimeoutException {
        shop.branch(branch);
        Program.succeeds(command, port, "administrator", server.clientSecret(), "shop/databricks_postgres@" + branch);
    }

    private String script(String name) throws IOException {
        return Program.script("clients/" + name, directory).toString();
    }

    @Test
    void psycopgWorks() throws IOException, TimeoutException {
        Program.needs("apt-get install python3-psycopg", Program.PYTHON, "-c", "import psycopg");
        runs("psycopg", List.of(Program.PYTHON, script("pipelines_and_copy.py")));
    }

    @Test
    void sqlAlchemyWorks() throws IOException, TimeoutException {
        Program.needs(
                "apt-get install python3-sqlalchemy python3-psycopg2",
                Program.PYTHON,
                "-c",
                "import sqlalchemy, psycopg2");
        runs("sqlalchemy", List.of(Program.PYTHON, script("psycopg2_sqlalchemy.py")));
    }

    @Test
    void nodePostgresWorks() throws IOException, TimeoutException {
        Program.npmInstall(directory, NODE_POSTGRES);
        runs("node-postgres", List.of("node", script("node-postgres.js")));
    }

    @Test
    void pgbenchWorks() throws IOException, TimeoutException {
        Program.needs("apt-get install postgresql-contrib", "pgbench", "--version");
        String all =
                "pgbench -i -q && for m in simple extended prepared; do pgbench -n -M $m -c 4 -t 50 || exit 1; done && echo ok";
        runs("pgbench", List.of("sh", "-c", all));
    }

    private String jdbcUrl(String branch) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/shop%2Fdatabricks_postgres@" + branch
                + "?sslmode=require&sslfactory=org.postgresql.ssl.NonValidatingFactory";
    }

    @Test
    void flywayMigratesABranch() throws TimeoutException {
        shop.branch("flyway");
        Flyway flyway = Flyway.configure()
                .dataSource(jdbcUrl("flyway"), "administrator", server.clientSecret())
                .locations("classpath:dev/espalier/acceptance/migrations")
                .load();
        assertThat(flyway.migrate().migrationsExecuted).isEqualTo(2);
        assertThat(flyway.validateWithResult().validationSuccessful).isTrue();
    }

    /** Kept by Hibernate. */
    @Entity(name = "hibernate_item")
    static class Item {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        private Long id;

        private String name;

        Item() {}

        Item(String name) {
            this.name = name;
        }
    }

    @Test
    void hibernateSavesUpdatesAndPages() throws TimeoutException {
        shop.branch("hibernate");
        Configuration configuration = new Configuration()
                .addAnnotatedClass(Item.class)
                .setProperty("hibernate.connection.url", jdbcUrl("hibernate"))
                .setProperty("hibernate.connection.username", "administrator")
                .setProperty("hibernate.connection.password", server.clientSecret())
                .setProperty("hibernate.hbm2ddl.auto", "create");
        try (SessionFactory factory = configuration.buildSessionFactory()) {
            factory.inTransaction(session -> {
                for (int i = 0; i < 30; i++) {
                    session.persist(new Item("item " + i));
                }
            });
            factory.inTransaction(session -> session.createSelectionQuery("from hibernate_item order by id", Item.class)
                    .setFirstResult(10)
                    .setMaxResults(10)
                    .getResultList()
                    .forEach(item -> item.name = "changed"));
            long changed = factory.fromTransaction(session -> session.createSelectionQuery(
                            "select count(*) from hibernate_item where name = 'changed'", Long.class)
                    .getSingleResult());
            assertThat(changed).isEqualTo(10);
        }
    }
}
