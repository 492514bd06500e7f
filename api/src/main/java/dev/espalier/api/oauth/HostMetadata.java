package dev.espalier.api.oauth;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What Databricks' clients ask a host for first. */
public record HostMetadata(
        @JsonPropertyDescription("Where signing in is described, at /.well-known/oauth-authorization-server below it.")
        String oidcEndpoint,

        String workspaceId) {}
