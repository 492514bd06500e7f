package dev.espalier.gateway;

/** What the gateway asks of others. */
public record Ports(SignIn signIn, Router router, Classifier classifier, StatementSink sink) {}
