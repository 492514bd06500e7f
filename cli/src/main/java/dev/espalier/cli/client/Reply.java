package dev.espalier.cli.client;

import tools.jackson.databind.JsonNode;

/** A successful answer of the API: its body as sent, and the same parsed. */
public record Reply(String body, JsonNode json) {}
