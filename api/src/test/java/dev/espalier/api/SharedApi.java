package dev.espalier.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one API on one control plane, started for the first and stopped after the last. */
final class SharedApi implements ParameterResolver {

    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(SharedApi.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestApi.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(HERE).computeIfAbsent(TestApi.class, _ -> start(), TestApi.class);
    }

    private static TestApi start() {
        try {
            return new TestApi(Files.createTempDirectory("espalier-api"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
