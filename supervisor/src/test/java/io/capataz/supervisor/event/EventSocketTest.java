package io.capataz.supervisor.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSocket;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Live events over a WebSocket are those of the stream. */
class EventSocketTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());
  private final String token = supervisor.token();

  @Test
  void first_comes_what_there_is_and_then_what_changes() throws Exception {
    try (var socket = open("/acme/events?task=" + task, token)) {
      assertThat(socket.next().at("/event").asString()).isEqualTo("snapshot");
      socket.say("whatever a client says is passed over");

      var job = work.post(task);

      var made = socket.next();
      assertThat(made.at("/event").asString()).isEqualTo("job");
      assertThat(made.at("/data/id").asString()).isEqualTo(job);
      var last = made.at("/id").asString();
      supervisor.put("/acme/job/" + job + "/cancel");
      assertThat(status(socket.next())).isEqualTo("canceled");

      try (var again = open("/acme/events?task=" + task + "&last_event_id=" + last, token)) {
        assertThat(status(again.next())).isEqualTo("canceled");
      }
    }
  }

  @Test
  void the_socket_of_one_job_is_closed_after_its_end() throws Exception {
    var order = agent.claimHeard(work.post(task));

    try (var socket = open("/job/" + order.job() + "/events", token)) {
      assertThat(socket.next().at("/data/jobs/0/status").asString()).isEqualTo("assigned");
      agent.end(order, new Outcome.Succeeded());
      assertThat(status(socket.next())).isEqualTo("succeeded");
      assertThat(socket.next().at("/event").asString()).isEqualTo("end");
      assertThat(socket.closed()).isEqualTo(1000);
    }
  }

  @Test
  void a_token_that_is_revoked_closes_it() throws Exception {
    var made = supervisor.post("/acme/integration-token", Map.of("name", "reader"));

    try (var socket = open("/acme/events?task=" + task, made.text("/token"))) {
      socket.next();
      supervisor.ask("DELETE", "/acme/integration-token/" + made.text("/id"), null);
      assertThat(socket.closed()).isEqualTo(1008);
    }
  }

  @Test
  void browsers_send_the_token_in_the_query_and_only_pages_that_may_get_one() throws Exception {
    var path = "/acme/events?task=" + task + "&access_token=" + token;
    var own = supervisor.request("/").build().uri().getAuthority();

    for (var origin : List.of("https://evil.example", "null", "http://" + own + ".evil.example")) {
      assertThat(TestSocket.refused(supervisor, path, "Origin", origin)).isEqualTo(403);
    }
    try (var socket = TestSocket.open(supervisor, path, "Origin", "http://" + own)) {
      assertThat(socket.next().at("/event").asString()).isEqualTo("snapshot");
    }
  }

  @Test
  void pages_of_allowed_origins_may_open_one() throws Exception {
    try (var open = TestSupervisor.with("--capataz.web.allowed-origins=https://intranet.example")) {
      var path = "/acme/events?access_token=" + open.token();
      try (var socket = TestSocket.open(open, path, "Origin", "https://intranet.example")) {
        assertThat(socket.next().at("/event").asString()).isEqualTo("snapshot");
      }
      assertThat(TestSocket.refused(open, path, "Origin", "https://other.example")).isEqualTo(403);
    }
  }

  @Test
  void without_a_token_there_is_none() {
    assertThat(TestSocket.refused(supervisor, "/acme/events")).isEqualTo(401);
    assertThat(TestSocket.refused(supervisor, "/other/events?access_token=" + token))
        .isEqualTo(404);
  }

  private TestSocket open(String path, String bearer) {
    return TestSocket.open(supervisor, path, "Authorization", "Bearer " + bearer);
  }

  private static String status(JsonNode message) {
    return message.at("/data/status").asString();
  }
}
