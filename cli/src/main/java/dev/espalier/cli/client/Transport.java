package dev.espalier.cli.client;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** One server and the way to it. Whatever keeps an answer from coming ends as {@link ExitCode#UNREACHABLE}. */
public final class Transport {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** Time for an answer that takes no longer than usual. */
    static final Duration ANSWER = Duration.ofMinutes(2);

    private final URI host;
    private final String userAgent;
    private final HttpClient http;

    /** @param host scheme, name and port, without a path */
    public Transport(URI host, String userAgent) {
        this.host = host;
        this.userAgent = userAgent;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
        this.http = (host.getScheme().equals("http") ? builder.sslContext(trustingNobody()) : builder).build();
    }

    /** For plain HTTP, which needs none: left to itself the client reads all authorities of the JDK, which takes longer than a call. */
    private static SSLContext trustingNobody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("This JDK has no TLS", impossible);
        }
    }

    public URI host() {
        return host;
    }

    /** A request to {@code path}, which begins with a slash and may have a query; answered within {@link #ANSWER}, if no other time is set. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(host + path))
                .timeout(ANSWER)
                .header("User-Agent", userAgent)
                .header("Accept", "application/json");
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (HttpTimeoutException late) {
            throw unreachable("did not answer in time", late);
        } catch (IOException broken) {
            throw unreachable("does not answer", broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.OTHER, "Interrupted while waiting for " + host + ".", interrupted);
        }
    }

    /** The HTTP status with which a server answers here whether it is in health; empty where nothing answers. */
    public OptionalInt health() {
        try {
            HttpRequest health = request("/health").timeout(CONNECT).build();
            return OptionalInt.of(http.send(health, BodyHandlers.discarding()).statusCode());
        } catch (IOException notYet) {
            return OptionalInt.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return OptionalInt.empty();
        }
    }

    private Failure unreachable(String what, IOException cause) {
        String reason =
                Optional.ofNullable(cause.getMessage()).map(text -> ": " + text).orElse("");
        String fix = ClientCredentials.isLoopback(host)
                ? " Start it with ./espalier up, or give another address with --host."
                : " Check the address (--host or ESPALIER_HOST) and that the server runs there.";
        return new Failure(ExitCode.UNREACHABLE, "The server at " + host + " " + what + reason + "." + fix, cause);
    }
}
