package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody meets who does not know the API yet, or knows the original's. */
class FirstContactTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @ParameterizedTest
  @CsvSource({
    "'text/html,application/xhtml+xml,*/*;q=0.8', /console",
    "*/*, /openapi.json",
    "application/json, /openapi.json"
  })
  void the_root_leads_people_to_the_console_and_programs_to_the_description(
      String accept, String to) {
    var answer = supervisor.send(supervisor.request("/").GET().header("Accept", accept));

    assertThat(answer.status()).isEqualTo(303);
    assertThat(answer.raw().headers().firstValue("Location").orElse("")).endsWith(to);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tasks", "/acme/tasks", "/api", "/acme/task/x/y/z", "/doc"})
  void a_path_that_is_no_route_says_where_the_routes_are(String path) {
    var answer = supervisor.get(path);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text("/detail")).contains("no such route", "/docs");
  }

  @Test
  void another_organization_is_called_what_it_is() {
    var answer = supervisor.get("/nobody/task");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text("/detail"))
        .contains("no such organization")
        .doesNotContain("in this organization");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/acme/task/0123456789abcdef01234567", "/acme/task?bogus=1"})
  void a_problem_has_the_message_that_the_originals_clients_print(String path) {
    var answer = supervisor.get(path);

    assertThat(answer.text("/message")).isNotEmpty().isEqualTo(answer.text("/detail"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "nope",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1} {}",
        "{\"name\":NaN}",
        "{'name':'x'}",
        "{\"a\":01}",
        "{\"a\":1e9999999999999}",
        "{\"a\": \"\u0001\"}",
        "[1,2",
        "tru"
      })
  void broken_json_is_explained_without_the_words_of_the_parser(String body) {
    var answer =
        supervisor.send(
            supervisor
                .request("/acme/task")
                .header("Authorization", "Bearer " + supervisor.token())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));

    assertExplained(answer);
  }

  @Test
  void json_beyond_the_limits_is_explained_too() {
    for (var body :
        new String[] {
          "[".repeat(100) + "]".repeat(100),
          "{\"a\":" + "1".repeat(2_000) + "}",
          "[" + "1,".repeat(200_000) + "1]"
        }) {
      assertExplained(
          supervisor.send(
              supervisor
                  .request("/acme/task")
                  .header("Authorization", "Bearer " + supervisor.token())
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(body))));
    }
  }

  private static void assertExplained(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/code")).isEqualTo("invalid_json");
    assertThat(answer.text("/detail"))
        .doesNotContain("Feature", "Constraints", "jackson", "JsonToken", "Source", "StreamRead")
        .endsWith(".");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/acme/task?where[name]=x",
        "/acme/task?include[name]=1&sort[name]=-1",
        "/acme/job?lifecycle[]=finished",
        "/acme/file?where[filename]=x.sh"
      })
  void brackets_in_a_query_need_no_escape(String path) throws IOException {
    assertThat(raw(path)).startsWith("HTTP/1.1 200");
  }

  /** As curl -g, Node and browsers send it; Java's own client escapes or refuses the brackets. */
  private String raw(String path) throws IOException {
    URI address = supervisor.request("/").build().uri();
    try (var socket = new Socket(address.getHost(), address.getPort())) {
      socket
          .getOutputStream()
          .write(
              ("GET "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                      + supervisor.token()
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
