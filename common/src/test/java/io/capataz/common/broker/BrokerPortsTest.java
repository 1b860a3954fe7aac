package io.capataz.common.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ports that speak this or that, byte for byte. */
class BrokerPortsTest {

  /** What Java's TLS server sends to who does not speak TLS. */
  private static final byte[] ALERT = {0x15, 3, 3, 0, 2, 2, 0x46};

  private static final byte[] SERVER_HELLO = {0x16, 3, 3, 0, 2, 2, 0};

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private ServerSocket port;

  @BeforeEach
  void open() throws IOException {
    port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    port.close();
    threads.shutdownNow();
  }

  private String address() {
    return "127.0.0.1:" + port.getLocalPort();
  }

  @FunctionalInterface
  private interface Greeting {
    void meet(Socket client, byte[] first) throws IOException;
  }

  private void serve(Greeting greeting) {
    var _ =
        threads.submit(
            () -> {
              while (true) {
                try (var client = port.accept()) {
                  greeting.meet(client, client.getInputStream().readNBytes(14));
                }
              }
            });
  }

  @Test
  void a_tls_port_met_in_clear_text_is_named() {
    serve((client, _) -> client.getOutputStream().write(ALERT));

    assertThat(BrokerPorts.mismatch(address(), "SASL_PLAINTEXT").orElseThrow())
        .isEqualTo(
            "Kafka at %s speaks TLS, but security.protocol is SASL_PLAINTEXT: set it to SSL or SASL_SSL, or name a port without TLS."
                .formatted(address()));
    assertThat(BrokerPorts.mismatch(address(), "SSL")).isEmpty();
  }

  @Test
  void a_tls_port_that_ends_the_connection_at_once_is_recognized_too() {
    serve(
        (client, first) -> {
          if (first[0] == 0x16) {
            client.getOutputStream().write(SERVER_HELLO);
          }
        });

    assertThat(BrokerPorts.mismatch(address(), "PLAINTEXT")).isPresent();
    assertThat(BrokerPorts.mismatch(address(), "SASL_SSL")).isEmpty();
  }

  @Test
  void a_port_without_tls_met_with_tls_is_named() {
    serve(
        (client, first) -> {
          // A broker ends a connection whose first request would be hundreds of megabytes long.
          if (first[0] == 0) {
            client.getOutputStream().write(new byte[] {0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
          }
        });

    assertThat(BrokerPorts.mismatch("nobody.invalid:1," + address(), "SSL").orElseThrow())
        .contains(address() + " speaks clear text, but security.protocol is SSL");
    assertThat(BrokerPorts.mismatch(address(), "PLAINTEXT")).isEmpty();
  }

  @Test
  void a_port_that_says_neither_and_nobody_at_all_are_no_mismatch() throws IOException {
    serve(
        (client, _) ->
            client
                .getOutputStream()
                .write("HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.US_ASCII)));

    assertThat(BrokerPorts.mismatch(address(), "PLAINTEXT")).isEmpty();
    assertThat(BrokerPorts.mismatch("127.0.0.1:1, nonsense, x:99999", "SSL")).isEmpty();
  }

  @Test
  void what_is_asked_in_clear_text_is_one_whole_request() {
    serve(
        (client, first) -> {
          var request = new DataInputStream(new java.io.ByteArrayInputStream(first));
          assertThat(request.readInt()).isEqualTo(10);
          assertThat(request.readShort()).isEqualTo((short) 18);
          client.getOutputStream().write(new byte[] {0, 0, 0, 6, 0, 0, 0, 1, 0, 35});
        });

    assertThat(BrokerPorts.mismatch(address(), "PLAINTEXT")).isEmpty();
  }
}
