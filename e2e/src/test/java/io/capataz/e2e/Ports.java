package io.capataz.e2e;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Scanner;

/**
 * Ports of 127.0.0.1 that stay ours while nobody listens on them.
 *
 * <p>They are below those that the system gives to clients: a process that is killed and started
 * again must find its port free, and a client that knocks in vain must not be given that very port
 * and so reach itself.
 *
 * <p>Stories are told in several JVMs side by side, so each takes whole blocks of ports. It holds a
 * block by listening on its first port, which ends with the JVM, however that ends.
 */
final class Ports {

  private static final Path CLIENTS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
  private static final int LOWEST = 12_000;
  private static final int BLOCK = 50;
  private static final int FEWEST_BLOCKS = 20;
  private static final Random RANDOM = new Random();

  /** All that were taken, the newest last; a socket that nobody knows would be closed. */
  private static final List<ServerSocket> HELD = new ArrayList<>();

  private static int given = BLOCK;

  private Ports() {}

  static synchronized int free() throws IOException {
    while (true) {
      given++;
      if (given >= BLOCK) {
        HELD.add(anyBlock());
        given = 1;
      }
      int port = HELD.getLast().getLocalPort() + given;
      try (ServerSocket _ = listening(port)) {
        return port;
      } catch (BindException e) {
        // Somebody else's: the next one.
      }
    }
  }

  private static ServerSocket anyBlock() throws IOException {
    int clients =
        Files.isReadable(CLIENTS) ? new Scanner(Files.readString(CLIENTS)).nextInt() : 32_768;
    int blocks = Math.max((clients - LOWEST) / BLOCK, FEWEST_BLOCKS);
    while (true) {
      try {
        return listening(LOWEST + BLOCK * RANDOM.nextInt(blocks));
      } catch (BindException e) {
        // Another JVM's: another one.
      }
    }
  }

  private static ServerSocket listening(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
