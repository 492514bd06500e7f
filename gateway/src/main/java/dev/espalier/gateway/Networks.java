package dev.espalier.gateway;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Where connections come from, as far as one host cannot choose it at will. */
final class Networks {

    private static final int PREFIX_BYTES = 8;

    private Networks() {}

    /** An address of IPv4, or the /64 of one of IPv6, which one host has whole (RFC 4291, section 2.5.1). */
    static InetAddress of(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] prefix = Arrays.copyOf(Arrays.copyOf(address.getAddress(), PREFIX_BYTES), address.getAddress().length);
        try {
            return InetAddress.getByAddress(prefix);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
