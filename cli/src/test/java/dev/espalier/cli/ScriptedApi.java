package dev.espalier.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.espalier.cli.client.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/** An HTTP server that answers as the test says, in the API's documented shapes, and remembers what it was asked. */
final class ScriptedApi implements AutoCloseable {
    private static final String ROOT = "/api/2.0/postgres/";

    /** A call as it arrived; path without the API's root, query as sent. */
    record Call(String method, String path, String query, String body, String authorization) {
        String line() {
            return method + " " + path + (query.isEmpty() ? "" : "?" + query);
        }

        JsonNode json() {
            return Json.parse(body);
        }
    }

    private record Answer(int status, String body) {}

    private final HttpServer server;
    private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();

    ScriptedApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
        answer("POST /oidc/v1/token", 200, """
                {"access_token":"token-1","token_type":"Bearer","expires_in":3600}""");
        answer("GET /health", 200, """
                {"status":"ok","version":"0"}""");
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Adds an answer to a call such as {@code GET projects}. Several are given in turn, the last one for ever. */
    ScriptedApi answer(String call, int status, String body) {
        answers.computeIfAbsent(call, _ -> new ArrayDeque<>()).add(new Answer(status, body));
        return this;
    }

    /** Takes the answers to a call back. */
    ScriptedApi reset(String call) {
        answers.remove(call);
        return this;
    }

    /** All calls but those for tokens. */
    List<Call> calls() {
        return calls.stream().filter(call -> !call.path().startsWith("/oidc")).toList();
    }

    List<Call> tokenCalls() {
        return calls.stream().filter(call -> call.path().startsWith("/oidc")).toList();
    }

    /** The calls' lines, those for tokens included. */
    List<String> lines() {
        return calls.stream().map(Call::line).toList();
    }

    Call last() {
        return calls().getLast();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI uri = exchange.getRequestURI();
            String path = uri.getPath().startsWith(ROOT) ? uri.getPath().substring(ROOT.length()) : uri.getPath();
            Call call = new Call(
                    exchange.getRequestMethod(),
                    path,
                    uri.getQuery() == null ? "" : uri.getQuery(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            calls.add(call);
            Answer answer = next(call);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private synchronized Answer next(Call call) {
        Deque<Answer> queue = answers.get(call.line());
        if (queue == null) {
            queue = answers.get(call.method() + " " + call.path());
        }
        if (queue == null) {
            return new Answer(404, """
                    {"error_code":"NOT_FOUND","message":"Nobody scripted %s."}""".formatted(call.line()));
        }
        return queue.size() > 1 ? queue.remove() : queue.element();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
