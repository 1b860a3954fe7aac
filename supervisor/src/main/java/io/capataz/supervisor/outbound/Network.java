package io.capataz.supervisor.outbound;

import java.net.InetAddress;

/**
 * A network in CIDR notation.
 *
 * @param address its first address
 * @param bits how many leading bits its addresses share
 */
record Network(InetAddress address, int bits) {

  /**
   * Reads {@code 10.0.0.0/8}, or a single address.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static Network of(String text) {
    var slash = text.indexOf('/');
    try {
      // A name would be looked up.
      var address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      var longest = address.getAddress().length * 8;
      var bits = slash < 0 ? longest : Integer.parseInt(text.substring(slash + 1));
      if (bits < 0 || bits > longest) {
        throw new IllegalArgumentException("There is no such prefix length.");
      }
      return new Network(address, bits);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a network such as 10.0.0.0/8.", wrong);
    }
  }

  boolean contains(InetAddress other) {
    var mine = address.getAddress();
    var its = other.getAddress();
    if (mine.length != its.length) {
      return false;
    }
    for (var bit = 0; bit < bits; bit++) {
      var mask = 0x80 >> (bit % 8);
      if ((mine[bit / 8] & mask) != (its[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }
}
