package dev.espalier.demo;

import java.util.List;
import java.util.Random;

/** An OpenAPI description in YAML, as it stands in the {@code spec.definition} of an API entity. */
final class OpenApiText {

    private static final List<String> ACTIONS =
            List.of("accounts", "batches", "changes", "exports", "limits", "owners", "reports", "snapshots");

    private OpenApiText() {}

    /** A document of two to eight resources, each with a list and a read; {@code info.contact} is a person. */
    static String of(String name, String noun, Person contact, Random random) {
        StringBuilder yaml = new StringBuilder(4096);
        yaml.append("""
                openapi: 3.0.3
                info:
                  title: %s
                  version: %s.%s.0
                  description: HTTP API of the %s context.
                  contact:
                    name: %s
                    email: %s
                servers:
                  - url: https://api.acme.example/%s
                paths:
                """.formatted(
                name, 1 + random.nextInt(9), random.nextInt(30), noun, contact.displayName(), contact.email(), name));
        List<String> actions = ACTIONS.subList(0, 2 + random.nextInt(ACTIONS.size() - 1));
        for (String action : actions) {
            yaml.append(path(noun, action));
        }
        yaml.append("components:\n  schemas:\n");
        for (String action : actions) {
            yaml.append(schema(action));
        }
        return yaml.toString();
    }

    private static String path(String noun, String action) {
        return """
                  /%1$s/%2$s:
                    get:
                      operationId: list_%1$s_%2$s
                      summary: List the %2$s of a %1$s
                      parameters:
                        - name: limit
                          in: query
                          schema:
                            type: integer
                            maximum: 500
                      responses:
                        '200':
                          description: one page
                          content:
                            application/json:
                              schema:
                                type: array
                                items:
                                  $ref: '#/components/schemas/%2$s'
                """.formatted(noun, action);
    }

    private static String schema(String action) {
        return """
                    %s:
                      type: object
                      required: [id, created_at]
                      properties:
                        id:
                          type: string
                          format: uuid
                        created_at:
                          type: string
                          format: date-time
                        created_by:
                          type: string
                          format: email
                """.formatted(action);
    }
}
