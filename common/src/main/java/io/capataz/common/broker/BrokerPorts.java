package io.capataz.common.broker;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * Finds out whether the ports of brokers speak TLS, before a client of Kafka connects to them.
 *
 * <p>Such a client takes the first bytes of a TLS server for the length of an answer, and asks for
 * 352 MB to hold it. In the other case it tries for ever, and its message speaks of a handshake.
 */
public final class BrokerPorts {

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A Kafka request for the versions that a broker knows: 18, version 0, number 1, no name. */
  private static final byte[] VERSIONS = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, -1, -1};

  private static final int NUMBER_AND_ERROR = 6;
  private static final int LONGEST_ANSWER = 100_000;

  /** First bytes of a TLS record: an alert or a part of the handshake, and the major version. */
  private static final int ALERT = 0x1503;

  private static final int HANDSHAKE = 0x1603;

  /** What a port speaks. */
  private enum Speech {
    TLS,
    CLEAR_TEXT,
    /** Nobody answers, or something that is neither. */
    UNKNOWN
  }

  private BrokerPorts() {}

  /**
   * What is wrong about the protocol that clients are to use; empty when all is well, or when
   * nothing is known because nobody answers. Takes some seconds at most for each address.
   *
   * @param servers Kafka's {@code bootstrap.servers}
   * @param protocol Kafka's {@code security.protocol}
   * @return a sentence
   */
  public static Optional<String> mismatch(String servers, String protocol) {
    var tls = protocol.endsWith("SSL");
    return Arrays.stream(servers.split(",", -1))
        .map(String::strip)
        .flatMap(server -> address(server).stream())
        .flatMap(address -> mismatch(address, tls, protocol).stream())
        .findFirst();
  }

  private static Optional<String> mismatch(
      InetSocketAddress address, boolean tls, String protocol) {
    var server = address.getHostString() + ":" + address.getPort();
    return switch (speech(address, tls)) {
      case TLS ->
          tls
              ? Optional.empty()
              : Optional.of(
                  "Kafka at %s speaks TLS, but security.protocol is %s: set it to SSL or SASL_SSL, or name a port without TLS."
                      .formatted(server, protocol));
      case CLEAR_TEXT ->
          tls
              ? Optional.of(
                  "Kafka at %s speaks clear text, but security.protocol is %s: name the port of its TLS listener, or set the protocol to PLAINTEXT or SASL_PLAINTEXT."
                      .formatted(server, protocol))
              : Optional.empty();
      case UNKNOWN -> Optional.empty();
    };
  }

  private static Optional<InetSocketAddress> address(String server) {
    var colon = server.lastIndexOf(':');
    if (colon < 1 || !server.substring(colon + 1).matches("[0-9]{1,5}")) {
      return Optional.empty();
    }
    var port = Integer.parseInt(server.substring(colon + 1));
    return port > 0xFFFF
        ? Optional.empty()
        : Optional.of(
            new InetSocketAddress(server.substring(0, colon).replaceAll("[\\[\\]]", ""), port));
  }

  /** The expected is asked first, so that a right setting costs one connection. */
  private static Speech speech(InetSocketAddress address, boolean tls) {
    var first = tls ? asTls(address) : asClearText(address);
    return first != Speech.UNKNOWN ? first : tls ? asClearText(address) : asTls(address);
  }

  private static Speech asClearText(InetSocketAddress address) {
    try (var socket = connected(address)) {
      socket.getOutputStream().write(VERSIONS);
      var answer = new DataInputStream(socket.getInputStream());
      var length = answer.readInt();
      if (isTls(length >>> 16)) {
        return Speech.TLS;
      }
      var isAnswer =
          length >= NUMBER_AND_ERROR && length <= LONGEST_ANSWER && answer.readInt() == 1;
      return isAnswer ? Speech.CLEAR_TEXT : Speech.UNKNOWN;
    } catch (IOException nothing) {
      return Speech.UNKNOWN;
    }
  }

  private static Speech asTls(InetSocketAddress address) {
    try (var socket = connected(address)) {
      socket.getOutputStream().write(hello(address));
      var answer = new DataInputStream(socket.getInputStream()).readUnsignedShort();
      return isTls(answer) ? Speech.TLS : Speech.UNKNOWN;
    } catch (IOException nothing) {
      return Speech.UNKNOWN;
    }
  }

  private static boolean isTls(int start) {
    return List.of(ALERT, HANDSHAKE).contains(start);
  }

  private static Socket connected(InetSocketAddress address) throws IOException {
    var socket = new Socket();
    try {
      socket.connect(address, (int) PATIENCE.toMillis());
      socket.setSoTimeout((int) PATIENCE.toMillis());
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** The first message of a TLS client; the handshake is not gone on with. */
  private static byte[] hello(InetSocketAddress address) throws SSLException {
    try {
      var engine =
          SSLContext.getDefault().createSSLEngine(address.getHostString(), address.getPort());
      engine.setUseClientMode(true);
      var hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.beginHandshake();
      engine.wrap(ByteBuffer.allocate(0), hello);
      return Arrays.copyOf(hello.array(), hello.position());
    } catch (NoSuchAlgorithmException e) {
      throw new SSLException(e);
    }
  }
}
