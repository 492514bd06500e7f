/**
 * The one door to every branch: PostgreSQL's wire protocol, sign-in, routing, the relay, and a record per statement.
 *
 * <p>In reading order: {@link dev.espalier.gateway.GatewayServer}, then the ports that others implement ({@link
 * dev.espalier.gateway.SignIn}, {@link dev.espalier.gateway.Router}, {@link dev.espalier.gateway.Classifier}, {@link
 * dev.espalier.gateway.StatementSink}), then the life of a connection: {@code StartupHandler}, {@code SignInHandler}, {@code SessionOpening},
 * {@code Session}.
 */
@NullMarked
package dev.espalier.gateway;

import org.jspecify.annotations.NullMarked;
