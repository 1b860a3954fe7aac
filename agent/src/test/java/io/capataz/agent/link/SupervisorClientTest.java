package io.capataz.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Sync;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisorClientTest {

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HttpServer server;
  private SupervisorClient client;
  private volatile int status = 200;
  private volatile String body = "{}";

  @BeforeEach
  void aServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          heard.add(
              exchange.getRequestURI().getRawPath()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.getRequestBody().readAllBytes();
          var bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, status == 204 ? -1 : bytes.length);
          if (status != 204) {
            exchange.getResponseBody().write(bytes);
          }
          exchange.close();
        });
    server.start();
    client =
        new SupervisorClient(
                http, URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/base"))
            .as(Secret.of("hush"));
  }

  @AfterEach
  void end() {
    server.stop(0);
    http.close();
  }

  private Reply<Sync.Answer> sync(int status, String body) throws InterruptedException {
    this.status = status;
    this.body = body;
    return client.sync(new Sync(7, true));
  }

  @Test
  void a_script_is_the_answers_bytes() throws InterruptedException {
    body = "#!/bin/sh\n";

    var script = client.script(new AttemptId("a/b", 2), "claim 1");

    assertThat(script).isEqualTo(new Reply.Taken<>(Bytes.utf8("#!/bin/sh\n")));
    assertThat(heard).containsExactly("/base/agent/v1/jobs/a%2Fb/attempts/2/script Bearer hush");
  }

  @Test
  void a_taken_call_answers_its_message() throws InterruptedException {
    assertThat(sync(200, "{\"waiting\":[\"j1\"],\"pools\":[]}"))
        .isEqualTo(new Reply.Taken<>(new Sync.Answer(List.of("j1"), List.of(), null)));
    assertThat(heard).containsExactly("/base/agent/v1/sync Bearer hush");
  }

  @Test
  void a_call_without_an_answer_is_taken_too() throws InterruptedException {
    status = 204;
    assertThat(client.started(new AttemptId("a/b", 2), new AttemptStarted("c", 1)))
        .isEqualTo(new Reply.Taken<>(Reply.Nothing.NOTHING));
    assertThat(heard).containsExactly("/base/agent/v1/jobs/a%2Fb/attempts/2/started Bearer hush");
  }

  @Test
  void every_status_has_its_meaning() throws InterruptedException {
    var problem = "{\"title\":\"No\",\"detail\":\"Because.\"}";
    assertThat(sync(401, problem)).isEqualTo(new Reply.CredentialRefused<>("Because."));
    assertThat(sync(409, problem)).isEqualTo(new Reply.Fenced<>(409, "Because."));
    assertThat(sync(410, problem)).isEqualTo(new Reply.Fenced<>(410, "Because."));
    assertThat(sync(400, problem)).isEqualTo(new Reply.Faulty<>(400, "Because."));
    assertThat(sync(404, "{\"title\":\"No\"}")).isEqualTo(new Reply.Faulty<>(404, "No"));
    assertThat(sync(413, "<html>")).isEqualTo(new Reply.Faulty<>(413, ""));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503})
  void what_may_pass_is_tried_again(int status) throws InterruptedException {
    assertThat(sync(status, "oops")).isEqualTo(new Reply.Unreachable<>("HTTP " + status));
  }

  @Test
  void nobody_there_is_tried_again_too() throws InterruptedException {
    server.stop(0);
    assertThat(client.sync(new Sync(7, true))).isInstanceOf(Reply.Unreachable.class);
  }

  @Test
  void an_answer_that_is_no_message_is_a_fault() throws InterruptedException {
    assertThat(sync(200, "<html>")).isInstanceOf(Reply.Faulty.class);
    assertThat(sync(200, "")).isInstanceOf(Reply.Faulty.class);
  }

  @Test
  void only_some_answers_end_a_session() {
    assertThat(new Reply.Fenced<>(410, "x").sessionOver()).isPresent();
    assertThat(new Reply.CredentialRefused<>("x").sessionOver()).isPresent();
    assertThat(new Reply.Fenced<>(409, "x").sessionOver()).isEmpty();
    assertThat(new Reply.Faulty<>(400, "x").sessionOver()).isEmpty();
    assertThat(new Reply.Unreachable<>("x").sessionOver()).isEmpty();
  }
}
