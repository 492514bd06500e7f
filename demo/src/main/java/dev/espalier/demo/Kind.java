package dev.espalier.demo;

import java.util.Locale;

/** Kinds of catalog entity, with how many of each one {@link Division} has: 440 together. */
enum Kind {
    LOCATION("Location", "backstage.io/v1alpha1", 8, "catalog-info.yaml"),
    GROUP("Group", "backstage.io/v1alpha1", 30, "catalog/groups.yaml"),
    USER("User", "backstage.io/v1alpha1", 120, "catalog/users.yaml"),
    DOMAIN("Domain", "backstage.io/v1alpha1", 4, "catalog/systems.yaml"),
    SYSTEM("System", "backstage.io/v1alpha1", 20, "catalog/systems.yaml"),
    COMPONENT("Component", "backstage.io/v1alpha1", 154, "catalog/components.yaml"),
    API("API", "backstage.io/v1alpha1", 60, "catalog/apis.yaml"),
    RESOURCE("Resource", "backstage.io/v1alpha1", 40, "catalog/resources.yaml"),
    TEMPLATE("Template", "scaffolder.backstage.io/v1beta3", 4, "catalog/templates.yaml");

    private final String label;
    private final String apiVersion;
    private final int perDivision;
    private final String file;

    Kind(String label, String apiVersion, int perDivision, String file) {
        this.label = label;
        this.apiVersion = apiVersion;
        this.perDivision = perDivision;
        this.file = file;
    }

    /** The {@code kind} of the entity's JSON. */
    String label() {
        return label;
    }

    /** The {@code apiVersion} of the entity's JSON. */
    String apiVersion() {
        return apiVersion;
    }

    int perDivision() {
        return perDivision;
    }

    /** Path of the file in the division's repository that holds the entities of this kind. */
    String file() {
        return file;
    }

    /** Reference to an entity of this kind, as Backstage writes it: lower case, in namespace {@code default}. */
    String ref(String name) {
        return (label + ":default/" + name).toLowerCase(Locale.ROOT);
    }
}
