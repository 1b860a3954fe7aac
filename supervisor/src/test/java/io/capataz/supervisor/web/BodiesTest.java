package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.supervisor.TestSupervisor;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpStatus;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Nobody takes the service down with bodies. */
class BodiesTest {

  private static final int MANY_MILLISECONDS = 5_000;

  private final TestSupervisor supervisor = TestSupervisor.shared();

  /** The answer comes although nothing of the body does. */
  @ParameterizedTest
  @CsvSource({
    "POST, /no/such/route/at/all, '', 404",
    "DELETE, /acme/task, '', 405",
    "POST, /acme/task, Authorization: Bearer made-up, 401",
    "POST, /agent/v1/sync, '', 401",
    "POST, /agent/v1/sync, Authorization: Bearer made-up, 401",
    "POST, /acme/member, '', 413"
  })
  void a_body_that_is_for_nothing_is_not_waited_for(
      String method, String path, String header, int status) throws IOException {
    assertThat(statusOf(method, path, header, 7_000_000)).isEqualTo(status);
  }

  @Test
  void a_large_body_is_for_routes_that_take_scripts_or_files() {
    var large = "x".repeat(2 * 1024 * 1024);

    assertThat(supervisor.post("/acme/member", Map.of("name", large)).status()).isEqualTo(413);
    assertThat(supervisor.post("/acme/task", Map.of("name", large)).status()).isEqualTo(400);
  }

  @Test
  void large_bodies_share_a_budget_and_small_ones_need_none() {
    var budget = new BodyBudget(1_000_000);
    var first = budget.share();
    try (var second = budget.share()) {
      first.growTo(900_000);
      second.growTo(BodyBudget.FREE);
      assertThatThrownBy(() -> second.growTo(400_000))
          .isInstanceOfSatisfying(
              ApiProblem.class,
              problem -> {
                assertThat(problem.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
                assertThat(problem.retryAfter()).isPresent();
              });
      first.close();
      second.growTo(400_000);
    }
    try (var third = budget.share()) {
      third.growTo(1_000_000);
    }
  }

  @Test
  void a_sender_that_is_too_slow_is_told_so() throws Exception {
    var clock = new AtomicLong();
    var filter =
        new ApiInputFilter(
            new BodyBudget(1_000_000), new PerAddress(0), new AnyClient(), clock::get);
    var request =
        new MockHttpServletRequest("POST", "/acme/task") {
          @Override
          public ServletInputStream getInputStream() {
            return new OneByteEachSecond(clock);
          }
        };
    request.setContentType("application/json");
    var response = new MockHttpServletResponse();

    filter.doFilter(request, response, new MockFilterChain());

    assertThat(response.getStatus()).isEqualTo(408);
    assertThat(clock.get()).isLessThan(60_000_000_000L);
  }

  private static final class OneByteEachSecond extends ServletInputStream {
    private final AtomicLong clock;

    OneByteEachSecond(AtomicLong clock) {
      this.clock = clock;
    }

    @Override
    public int read() {
      clock.addAndGet(1_000_000_000L);
      return ' ';
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      into[offset] = (byte) read();
      return 1;
    }

    @Override
    public boolean isFinished() {
      return false;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException("Bodies are read at once.");
    }
  }

  private int statusOf(String method, String path, String header, int length) throws IOException {
    var address = supervisor.request("/").GET().build().uri();
    try (var socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(MANY_MILLISECONDS);
      var head =
          "%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
              .formatted(method, path, length);
      socket
          .getOutputStream()
          .write(
              (head + (header.isEmpty() ? "" : header + "\r\n") + "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      var answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return Integer.parseInt(answer.readLine().split(" ", 3)[1]);
    }
  }

  private static final class AnyClient implements ClientAddress {
    @Override
    public String of(HttpServletRequest request) {
      return request.getRemoteAddr();
    }

    @Override
    public boolean isProxied() {
      return false;
    }
  }
}
