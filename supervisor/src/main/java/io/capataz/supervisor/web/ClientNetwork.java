package io.capataz.supervisor.web;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** What counts as one client where clients are counted by address. */
public final class ClientNetwork {

  private ClientNetwork() {}

  /** The network of an address, or the text itself if it is not an address. */
  public static String of(String address) {
    try {
      return of(InetAddress.ofLiteral(address));
    } catch (IllegalArgumentException noAddress) {
      return address;
    }
  }

  /** An IPv6 address counts as its /64, because a client with one address has the whole prefix. */
  static String of(InetAddress address) {
    return address instanceof Inet6Address six
        ? HexFormat.of().formatHex(Arrays.copyOf(six.getAddress(), 8))
        : address.getHostAddress();
  }
}
