package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;

/** Requests that stay open do not take the service down. */
class OpenRequestsTest {

  @Test
  void places_are_for_all_and_for_each_organization() {
    var open = new OpenRequests(3, 2);
    var first = open.enter("acme");
    var second = open.enter("acme");
    refused(() -> open.enter("acme"));
    var third = open.enter("other");
    refused(() -> open.enter("another"));

    second.close();
    var _ = open.enter("another");
    third.close();
    first.close();
    var _ = open.enter("acme");
  }

  private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable entering) {
    assertThatThrownBy(entering)
        .isInstanceOfSatisfying(
            ApiProblem.class,
            problem -> assertThat(problem.status()).isEqualTo(HttpStatus.TOO_MANY_REQUESTS));
  }

  @Test
  void of_600_streams_some_are_refused_and_others_are_served_meanwhile() throws Exception {
    try (var supervisor = TestSupervisor.with()) {
      var agent = TestAgent.enrolled(supervisor);
      var work = new TestWork(supervisor);
      var job = work.post(work.taskOn(agent, Map.of()));
      var streams = new ArrayList<Socket>();
      try {
        for (var i = 0; i < 600; i++) {
          streams.add(stream(supervisor, job));
        }
        var statuses = streams.stream().map(OpenRequestsTest::statusOf).toList();
        assertThat(statuses).containsOnly(200, 429);
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(300);
        var begun = System.nanoTime();
        assertThat(supervisor.get("/acme/job/" + job).status()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
      } finally {
        for (var stream : streams) {
          stream.close();
        }
      }
    }
  }

  private static Socket stream(TestSupervisor supervisor, String job) throws IOException {
    var address = supervisor.request("/").GET().build().uri();
    var socket = new Socket(address.getHost(), address.getPort());
    socket
        .getOutputStream()
        .write(
            String.join(
                    "\r\n",
                    "GET /acme/job/" + job + "/output HTTP/1.1",
                    "Host: x",
                    "Accept: text/event-stream",
                    "Authorization: Bearer " + supervisor.token(),
                    "",
                    "")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Reads the status once it is there. */
  private static int statusOf(Socket stream) {
    try {
      var status = stream.getInputStream().readNBytes("HTTP/1.1 200".length());
      return Integer.parseInt(new String(status, 9, 3, StandardCharsets.US_ASCII));
    } catch (IOException closed) {
      return 0;
    }
  }
}
