package dev.espalier.api.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.AbstractLifeCycle;

/** Bounds the connections, all and those from one address: what is beyond is closed at once, so that others are still answered. */
final class ConnectionBounds extends AbstractLifeCycle implements Connection.Listener {

    /** Connections at a time. */
    static final int MOST = 1000;

    /** Of one address, which may be a proxy's. */
    static final int MOST_FROM_ONE = 500;

    private final Server server;
    private final int most;
    private final int mostFromOne;
    private final AtomicInteger all = new AtomicInteger();
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    /** Where each came from, which it cannot tell any more once it is closed. */
    private final Map<Connection, String> addresses = new ConcurrentHashMap<>();

    ConnectionBounds(Server server, int most, int mostFromOne) {
        this.server = server;
        this.most = most;
        this.mostFromOne = mostFromOne;
    }

    @Override
    protected void doStart() throws Exception {
        for (Connector connector : server.getConnectors()) {
            connector.addBean(this, false);
        }
        super.doStart();
    }

    @Override
    public void onOpened(Connection connection) {
        String address = address(connection);
        addresses.put(connection, address);
        int total = all.incrementAndGet();
        int fromOne = open.merge(address, 1, Integer::sum);
        if (total > most || fromOne > mostFromOne) {
            connection.close();
        }
    }

    @Override
    public void onClosed(Connection connection) {
        String address = addresses.remove(connection);
        if (address != null) {
            all.decrementAndGet();
            open.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    private static String address(Connection connection) {
        SocketAddress remote = connection.getEndPoint().getRemoteSocketAddress();
        return remote instanceof InetSocketAddress internet
                ? String.valueOf(internet.getAddress())
                : String.valueOf(remote);
    }
}
