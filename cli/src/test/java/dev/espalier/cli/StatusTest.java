package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StatusTest {
    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    StatusTest() throws IOException {}

    @BeforeEach
    void twoBranches() {
        command.api
                .answer("GET system", 200, """
                        {"version":"0.1.0"}""")
                .answer("GET ports", 200, """
                        {"ports":[]}""")
                .answer("GET projects", 200, """
                        {"projects":[{"name":"projects/shop"}]}""")
                .answer("GET projects/shop/branches", 200, """
                        {"branches":[{"name":"projects/shop/branches/production"},{"name":"projects/shop/branches/dev"}]}""");
        for (String branch : new String[] {"production", "dev"}) {
            String name = "projects/shop/branches/" + branch;
            command.api.answer("GET " + name + "/endpoints", 200, """
                    {"endpoints":[{"name":"%s/endpoints/primary","parent":"%s","status":{"current_state":"IDLE",
                    "endpoint_type":"ENDPOINT_TYPE_READ_WRITE","hosts":{"host":"/run/%s"}}}]}""".formatted(name, name, branch));
        }
    }

    @Test
    void showsTheServerAndTheEndpointsOfAllBranches() {
        CommandFixture.Run run = command.line("status");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("""
                Espalier is up at %s

                version  0.1.0

                ENDPOINT  BRANCH      TYPE        STATE  HOST
                primary   production  READ_WRITE  IDLE   /run/production
                primary   dev         READ_WRITE  IDLE   /run/dev
                """.formatted(command.api.url()));
    }

    @Test
    void isOneObjectForPrograms() {
        assertThat(command.line("status -o json").out())
                .startsWith("{\"endpoints\":[{\"name\":\"projects/shop/branches/production/endpoints/primary\"")
                .endsWith("\"system\":{\"version\":\"0.1.0\"},\"ports\":[]}\n");
    }

    @Test
    void tellsOfAPortThatIsNotOpenAndWhy() {
        command.api.reset("GET ports").answer("GET ports", 200, """
                {"ports":[{"port":5401,"host":"127.0.0.1","parent":"projects/shop/branches/dev","state":"CLOSED",
                "error":"cannot listen on 5401"}]}""");
        assertThat(command.line("status").out()).endsWith("""

                PORT  HOST       PROJECT  BRANCH  STATE   WHY
                5401  127.0.0.1  shop     dev     CLOSED  cannot listen on 5401
                """);
    }
}
