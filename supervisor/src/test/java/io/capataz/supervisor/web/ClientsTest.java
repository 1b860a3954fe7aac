package io.capataz.supervisor.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One address can hold so much open and no more, and others are served meanwhile. */
class ClientsTest {

  private static final int CONNECTIONS = 6;

  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.rate-limit.enabled=false",
          "--capataz.connections.per-address=" + CONNECTIONS,
          "--capataz.connections.sending-per-address=2");

  private static final String GET = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";

  private final List<Socket> open = new ArrayList<>();

  @AfterAll
  static void end() {
    supervisor.close();
  }

  @AfterEach
  void close() throws IOException {
    for (var socket : open) {
      socket.close();
    }
  }

  @Test
  void an_address_with_too_many_idle_connections_gets_no_more_and_others_do() throws IOException {
    for (var i = 0; i < CONNECTIONS; i++) {
      assertThat(ask(connect("127.0.0.2"), GET)).startsWith("HTTP/1.1 200");
    }

    for (var i = 0; i < 20; i++) {
      assertThat(ask(connect("127.0.0.2"), GET)).describedAs("closed at once").isEmpty();
    }
    assertThat(ask(connect("127.0.0.3"), GET)).startsWith("HTTP/1.1 200");

    open.getFirst().close();
    await().until(() -> ask(connect("127.0.0.2"), GET).startsWith("HTTP/1.1 200"));
  }

  @Test
  void an_address_with_too_many_unfinished_bodies_waits_and_others_do_not() throws IOException {
    var slow = connect("127.0.0.4");
    say(slow, half());
    say(connect("127.0.0.4"), half());
    await()
        .untilAsserted(
            () -> {
              try (var third = new Client("127.0.0.4")) {
                assertThat(third.ask(whole()))
                    .startsWith("HTTP/1.1 429")
                    .contains("application/problem+json")
                    .contains("capataz.connections.sending-per-address");
              }
            });
    // Only what has a body.
    assertThat(ask(connect("127.0.0.4"), GET)).startsWith("HTTP/1.1 200");
    assertThat(ask(connect("127.0.0.5"), whole())).startsWith("HTTP/1.1 401");

    say(slow, "}");
    assertThat(heard(slow)).startsWith("HTTP/1.1 401");
    await()
        .untilAsserted(
            () -> {
              try (var third = new Client("127.0.0.4")) {
                assertThat(third.ask(whole())).startsWith("HTTP/1.1 401");
              }
            });
  }

  private static String whole() {
    return half() + "}";
  }

  private static String half() {
    return "POST /acme/task HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + "Content-Length: 2\r\n\r\n{";
  }

  private final class Client implements AutoCloseable {
    private final Socket socket;

    Client(String from) throws IOException {
      socket = connect(from);
    }

    String ask(String request) {
      return ClientsTest.ask(socket, request);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private Socket connect(String from) throws IOException {
    var port = supervisor.request("/").build().uri().getPort();
    var socket = new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.ofLiteral(from), 0);
    socket.setSoTimeout(30_000);
    open.add(socket);
    return socket;
  }

  private static String ask(Socket socket, String request) {
    return unlessClosed(
        () -> {
          say(socket, request);
          return heard(socket);
        });
  }

  private static void say(Socket socket, String text) {
    try {
      socket.getOutputStream().write(text.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What has been answered first; nothing if the connection is closed. */
  private static String heard(Socket socket) {
    try {
      var answer = new byte[4096];
      var length = socket.getInputStream().read(answer);
      return length < 0 ? "" : new String(answer, 0, length, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String unlessClosed(Supplier<String> asking) {
    try {
      return asking.get();
    } catch (UncheckedIOException closed) {
      return "";
    }
  }
}
