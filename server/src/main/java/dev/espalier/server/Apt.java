package dev.espalier.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Installs Debian packages. */
final class Apt {

    private Apt() {}

    /** @throws StartException with apt-get's own words if it fails */
    static void install(List<String> packages) {
        run(List.of("apt-get", "update", "-qq"));
        List<String> command = new ArrayList<>(List.of("apt-get", "install", "-y", "-qq"));
        command.addAll(packages);
        run(command);
    }

    private static void run(List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
            Process process = builder.start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new StartException(String.join(" ", command) + " failed: " + output.strip());
            }
        } catch (IOException e) {
            throw new StartException("cannot run apt-get: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while installing", e);
        }
    }
}
