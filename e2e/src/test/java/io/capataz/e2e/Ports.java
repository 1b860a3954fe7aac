package io.capataz.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Scanner;
import java.util.Set;

/**
 * Ports of 127.0.0.1 that stay ours while nobody listens on them.
 *
 * <p>They are below those that the system gives to clients: a process that is killed and started
 * again must find its port free, and a client that knocks in vain must not be given that very port
 * and so reach itself.
 */
final class Ports {

  private static final Path CLIENTS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
  private static final int LOWEST = 12_000;
  private static final Random RANDOM = new Random();
  private static final Set<Integer> GIVEN = new HashSet<>();

  private Ports() {}

  static synchronized int free() throws IOException {
    int bound =
        Files.isReadable(CLIENTS) ? new Scanner(Files.readString(CLIENTS)).nextInt() : 32_768;
    while (true) {
      int port = RANDOM.nextInt(LOWEST, Math.max(bound, LOWEST + 1_000));
      if (!GIVEN.contains(port) && isFree(port)) {
        GIVEN.add(port);
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
