package dev.espalier.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of this build. */
final class Version {

    private Version() {}

    static String current() {
        Properties build = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
            if (in == null) {
                throw new IllegalStateException("build.properties is missing from the build");
            }
            build.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("build.properties cannot be read", e);
        }
        return build.getProperty("version");
    }
}
