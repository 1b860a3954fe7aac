package io.capataz.supervisor.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.outbound.HttpCall.Failed;
import io.capataz.supervisor.outbound.HttpCall.Why;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls to servers that mean harm, or are broken. */
@Timeout(60)
class OutboundHttpTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger connections = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private ServerSocket server;

  /** What the server does with a connection. */
  private interface Behaviour {
    void with(Socket socket) throws IOException, InterruptedException;
  }

  @BeforeEach
  void bind() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    over.countDown();
    server.close();
    background.shutdownNow();
  }

  private void serve(Behaviour behaviour) {
    background.execute(
        () -> {
          while (!server.isClosed()) {
            try {
              var socket = server.accept();
              connections.incrementAndGet();
              background.execute(() -> with(socket, behaviour));
            } catch (IOException closed) {
              return;
            }
          }
        });
  }

  private static void with(Socket socket, Behaviour behaviour) {
    try (socket) {
      behaviour.with(socket);
    } catch (IOException gone) {
      assertThat(gone).isNotNull();
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private OutboundHttp http(String... allowed) {
    return new OutboundHttp(new AddressRules(new OutboundSettings(List.of(allowed))), background);
  }

  private HttpCall call(String host, boolean isHeadEnough) {
    var uri = URI.create("http://" + host + ":" + server.getLocalPort() + "/");
    return new HttpCall(
        "POST", uri, Map.of(), Bytes.utf8("{}"), Duration.ofSeconds(3), 0, 1_024, isHeadEnough);
  }

  private HttpCall.Answer called() throws Failed, InterruptedException {
    return http("127.0.0.1/32").call(call("127.0.0.1", true));
  }

  private void fails(Why why) {
    assertThatThrownBy(this::called)
        .isInstanceOfSatisfying(Failed.class, it -> assertThat(it.why()).isEqualTo(why));
  }

  @Test
  void of_an_endless_body_the_beginning_is_read() throws Exception {
    serve(
        socket -> {
          write(socket, OK + "Content-Length: 10737418240\r\n\r\n");
          while (true) {
            write(socket, "x".repeat(8_192));
          }
        });

    var answer = called();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.isCut()).isTrue();
    assertThat(answer.body().length()).isEqualTo(1_024);
  }

  @Test
  void a_body_that_does_not_come_takes_no_status_away() throws Exception {
    serve(
        socket -> {
          write(socket, OK + "Content-Length: 100\r\n\r\nx");
          over.await();
        });

    assertThat(called().status()).isEqualTo(200);
    assertThatThrownBy(() -> http("127.0.0.1/32").call(call("127.0.0.1", false)))
        .isInstanceOfSatisfying(Failed.class, it -> assertThat(it.why()).isEqualTo(Why.TIMED_OUT));
  }

  @Test
  void a_body_that_is_cut_off_takes_no_status_away() throws Exception {
    serve(
        socket -> {
          socket.getInputStream().read();
          write(socket, OK + "Content-Length: 100\r\n\r\nhalf");
        });

    assertThat(called().status()).isEqualTo(200);
  }

  @Test
  void headers_that_trickle_end_when_the_time_is_up() {
    serve(
        socket -> {
          write(socket, "HTTP/1.1 200 OK\r\n");
          while (!over.await(100, TimeUnit.MILLISECONDS)) {
            write(socket, "x");
          }
        });

    fails(Why.TIMED_OUT);
  }

  @Test
  void headers_without_end_are_no_answer() {
    serve(
        socket -> {
          write(socket, "HTTP/1.1 200 OK\r\n");
          for (var n = 0; ; n++) {
            write(socket, "X-" + n + ": " + "x".repeat(1_000) + "\r\n");
          }
        });

    // Either there is a limit, or the time is up; the memory is bounded by the time.
    assertThatThrownBy(this::called).isInstanceOf(Failed.class);
  }

  @Test
  void a_connection_that_is_closed_within_the_headers_is_no_answer() {
    serve(
        socket -> {
          socket.getInputStream().read();
          write(socket, "HTTP/1.1 200 OK\r\nContent-Ty");
        });

    fails(Why.FAILED);
  }

  @Test
  void a_redirect_is_an_answer_and_not_followed() throws Exception {
    serve(
        socket -> {
          socket.getInputStream().read();
          write(
              socket,
              "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
                  .formatted(server.getLocalPort()));
          over.await();
        });

    assertThat(called().status()).isEqualTo(302);
    assertThat(connections).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "127.000.000.001",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.2",
        "127.255.255.254",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[::ffff:0:127.0.0.1]",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "169.254.169.254",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "0xa9fea9fe",
        "2852039166",
        "169.254.43518",
        "%31%32%37.0.0.1",
        "127。0。0。1",
        "１２７.0.0.1",
        "ⓛocalhost"
      })
  void no_spelling_of_a_forbidden_address_is_connected_to(String host) throws Exception {
    serve(socket -> write(socket, OK + "\r\n"));

    assertThatThrownBy(() -> http().call(call(host, true)))
        .isInstanceOfAny(Failed.class, IllegalArgumentException.class);
    assertThat(connections).hasValue(0);
  }

  @Test
  void plain_http_needs_an_allowed_network() throws Exception {
    http("127.0.0.0/8").checkInside("127.0.0.1");
    assertThatThrownBy(() -> http().checkInside("127.0.0.1")).isInstanceOf(Failed.class);
    assertThatThrownBy(() -> http("10.0.0.0/8").checkInside("192.0.2.1"))
        .isInstanceOfSatisfying(Failed.class, it -> assertThat(it.why()).isEqualTo(Why.REFUSED));
  }
}
