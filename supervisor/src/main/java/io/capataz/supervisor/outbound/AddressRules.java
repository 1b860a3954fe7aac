package io.capataz.supervisor.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Decides which addresses the supervisor may call on behalf of others. A tenant must not reach what
 * the supervisor can reach and they cannot: itself, its network, the metadata service of its cloud.
 *
 * <p>A name is resolved once. All of its addresses are checked, and the call goes to those and to
 * no others, so that a second answer of the name server changes nothing.
 */
@Component
class AddressRules {

  /** What is not the public internet. */
  private static final List<Network> SPECIAL =
      Stream.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/4",
              "240.0.0.0/4",
              "::/96",
              "64:ff9b:1::/48",
              "100::/64",
              "2001::/23",
              "2001:db8::/32",
              "3fff::/20",
              "5f00::/16",
              "fc00::/7",
              "fe80::/10",
              "fec0::/10",
              "ff00::/8")
          .map(Network::of)
          .toList();

  /** Prefixes of IPv6 addresses that contain an IPv4 address, and where that begins. */
  private static final Network NAT64 = Network.of("64:ff9b::/96");

  private static final int IN_NAT64 = 12;
  private static final Network SIX_TO_FOUR = Network.of("2002::/16");
  private static final int IN_SIX_TO_FOUR = 2;
  private static final int IPV4_BYTES = 4;

  private final List<Network> allowed;

  AddressRules(OutboundSettings settings) {
    this.allowed = settings.networks();
  }

  /** An address must not be called. */
  static final class Refused extends UnknownHostException {

    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * The addresses of a host, all of which may be called.
   *
   * @throws Refused if one of them must not be
   */
  InetAddress[] resolve(String host) throws UnknownHostException {
    var addresses = InetAddress.getAllByName(host);
    for (var address : addresses) {
      if (!mayCall(address)) {
        throw new Refused(
            "The address "
                + address.getHostAddress()
                + " of "
                + host
                + " is not public. The operator of this installation can allow its network with"
                + " capataz.outbound.allowed-networks.");
      }
    }
    return addresses;
  }

  /** Whether all addresses of a host are in networks that the operator has allowed. */
  boolean isInside(String host) throws UnknownHostException {
    return Arrays.stream(InetAddress.getAllByName(host))
        .allMatch(address -> allowed.stream().anyMatch(network -> network.contains(address)));
  }

  boolean mayCall(InetAddress address) {
    if (allowed.stream().anyMatch(network -> network.contains(address))) {
      return true;
    }
    var inside = contained(address);
    return inside.isPresent()
        ? mayCall(inside.get())
        : SPECIAL.stream().noneMatch(network -> network.contains(address));
  }

  /** The IPv4 address that a translator would send this to. */
  private static Optional<InetAddress> contained(InetAddress address) {
    return NAT64.contains(address)
        ? Optional.of(part(address, IN_NAT64))
        : SIX_TO_FOUR.contains(address)
            ? Optional.of(part(address, IN_SIX_TO_FOUR))
            : Optional.empty();
  }

  private static InetAddress part(InetAddress address, int from) {
    try {
      return InetAddress.getByAddress(
          Arrays.copyOfRange(address.getAddress(), from, from + IPV4_BYTES));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("Four bytes are an IPv4 address.", e);
    }
  }
}
