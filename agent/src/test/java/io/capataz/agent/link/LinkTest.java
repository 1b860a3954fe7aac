package io.capataz.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.StandingClaim;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a link where something between does not carry it. */
class LinkTest {

  private static final AttemptReport REPORT =
      AttemptReport.of(new AttemptId("j1", 1), new AttemptStarted("claim-0123456789", 4711));

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicBoolean opened = new AtomicBoolean();
  private ServerSocket proxy;
  private Thread keeping;
  private Link link;

  private final LinkListener listener =
      new LinkListener() {
        @Override
        public void opened() {
          opened.set(true);
        }

        @Override
        public StandingClaim standing() {
          return new StandingClaim(List.of(), 1, 0, List.of(), false, Heard.SYNC, 0);
        }

        @Override
        public void received(LinkOrders orders) {}

        @Override
        public void received(Heartbeat.Answer stops) {}

        @Override
        public void closed() {}
      };

  @BeforeEach
  void listen() throws IOException {
    proxy = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    var supervisor =
        new SupervisorClient(http, URI.create("http://127.0.0.1:" + proxy.getLocalPort()));
    var backoff =
        new Backoff(Duration.ofMillis(10), Duration.ofMillis(50), RandomGenerator.getDefault());
    link = new Link(supervisor, 1, backoff);
    keeping = Thread.ofVirtual().start(() -> link.keepOpen(listener));
  }

  @AfterEach
  void stop() throws IOException {
    keeping.interrupt();
    proxy.close();
    http.shutdownNow();
  }

  /** Reads the request of a link, and says which key its headers have. */
  private static String keyOf(Socket client) throws IOException {
    var request =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
    var key = "";
    for (var line = request.readLine(); !line.isEmpty(); line = request.readLine()) {
      if (line.startsWith("Sec-WebSocket-Key: ")) {
        key = line.substring("Sec-WebSocket-Key: ".length());
      }
    }
    return key;
  }

  private static void answer(Socket client, String... lines) throws IOException {
    client
        .getOutputStream()
        .write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** RFC 6455 4.2.2. */
  private static String accept(String key) throws NoSuchAlgorithmException {
    return Base64.getEncoder()
        .encodeToString(
            MessageDigest.getInstance("SHA-1")
                .digest(
                    (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                        .getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void nothing_waits_for_one_that_is_open_and_carries_nothing() throws Exception {
    try (var client = proxy.accept()) {
      answer(
          client,
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Accept: " + accept(keyOf(client)));
      await().untilTrue(opened);

      var begun = System.nanoTime();
      assertThat(link.report(REPORT, 100)).isEmpty();
      assertThat(link.heartbeat(new Heartbeat(1, List.of(), Duration.ZERO))).isEmpty();

      assertThat(link.isOpen()).isFalse();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void it_is_tried_again_soon_if_it_broke_off_and_not_if_it_was_refused() throws Exception {
    proxy.accept().close();
    try (var again = proxy.accept()) {
      assertThat(keyOf(again)).isNotEmpty();
      answer(again, "HTTP/1.1 404 Not Found", "Content-Length: 0");
      await().until(() -> keeping.getState() == Thread.State.TIMED_WAITING);

      assertThat(link.report(REPORT, 100)).isEmpty();
      proxy.setSoTimeout(300);
      assertThatThrownBy(proxy::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }
}
