package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Request lines that no client library would send: refused, as problem+json, never a page. */
class OddPathsTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/acme/task;x=1",
        "/acme/task/%2e%2e/%2e%2e/etc/passwd",
        "/acme/../acme/task",
        "/acme//task",
        "/acme/task%2f0123456789abcdef01234567",
        "/acme/task%00",
        "/acme/task/%c0%ae",
        "/acme/task\\..",
        "/acme/%zz",
        "/acme/task/%25%32%65",
        "/acme/task?a=%zz",
        "/<script>",
        "relative",
        "/{acme}/task"
      })
  void an_odd_path_is_a_4xx_as_problem_json(String path) throws IOException {
    var answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assertThat(answer).matches("(?s)HTTP/1.1 40[0-9] .*");
    assertThat(answer.toLowerCase(java.util.Locale.ROOT)).doesNotContain("<html");
    assertThat(answer).contains("application/problem+json").contains("\"status\":40");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONSENSE\r\n\r\n", "GET /acme/task HTTP/9.9\r\nHost: x\r\n\r\n"})
  void an_odd_request_is_refused_without_a_page(String request) throws IOException {
    var answer = raw(request);

    assertThat(answer).matches("(?s)HTTP/1.1 (4|5)0[0-9] .*");
    assertThat(answer.toLowerCase(java.util.Locale.ROOT)).doesNotContain("<html");
  }

  @Test
  void a_content_type_with_a_wildcard_is_refused_where_no_route_is() throws IOException {
    var answer =
        raw(
            "PUT /library/no/route/here HTTP/1.1\r\nHost: localhost\r\nContent-Type: */*\r\n"
                + "Content-Length: 2\r\nConnection: close\r\n\r\n{}");

    assertThat(answer).matches("(?s)HTTP/1.1 4(04|15) .*").contains("application/problem+json");
  }

  private String raw(String request) throws IOException {
    var address = supervisor.request("/").build().uri();
    try (var socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
