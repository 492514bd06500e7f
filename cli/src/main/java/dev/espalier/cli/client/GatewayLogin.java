package dev.espalier.cli.client;

/**
 * How to sign in to the gateway with PostgreSQL's protocol; the password is {@link ApiClient#accessToken}.
 *
 * @param user name of whoever calls the API
 */
public record GatewayLogin(String host, int port, String user) {

    /** Asks the server. */
    public static GatewayLogin of(ApiClient api) {
        var gateway = api.get("/health", Query.none()).json().path("gateway");
        var me = api.get("/api/2.0/preview/scim/v2/Me", Query.none()).json();
        return new GatewayLogin(
                gateway.path("host").asString(""),
                gateway.path("port").asInt(0),
                me.path("displayName").asString(""));
    }
}
