package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A name is one line wherever it is printed. */
class NamesTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\n2026-01-01T00:00:00Z ERROR forged line",
        "a\rb",
        "a\tb",
        "a\u001b[2Jb",
        "a\u0000b",
        "a\u0085b",
        "a\u2028b",
        "a\u202eb"
      })
  void no_name_has_control_characters(String name) {
    var host = TestAgent.enrolled(supervisor).host();
    var script = Map.of("filename", "t.sh", "content", "echo hi\n");
    var fine = Map.of("name", "fine", "host_id", host, "script", script);
    var lax = new ArrayList<String>();
    var requests =
        List.<Map.Entry<String, Map<String, ?>>>of(
            Map.entry("/acme/task", Map.of("name", name, "host_id", host, "script", script)),
            Map.entry("/acme/task", with(fine, "tags", List.of("fine", name))),
            Map.entry("/acme/task", with(fine, "acls", List.of(name))),
            Map.entry("/acme/pool", Map.of("name", name, "hosts", List.of())),
            Map.entry("/acme/integration-token", Map.of("name", name, "role", "viewer")),
            Map.entry("/acme/credential", Map.of("name", name, "type", "text", "value", "secret")),
            Map.entry("/acme/member", Map.of("email", "a@example.org", "name", name)),
            Map.entry(
                "/acme/file",
                Map.of("filename", "x.sh", "content", "exit 0", "tags", List.of(name))),
            Map.entry("/acme/file", Map.of("filename", name, "content", "exit 0")),
            Map.entry("/acme/host/join-token", Map.of("host", name)));
    for (var request : requests) {
      var answer = supervisor.post(request.getKey(), request.getValue());
      if (answer.status() != 400) {
        lax.add(request.getKey() + ": " + answer.raw().body());
      }
    }
    assertThat(lax).isEmpty();
  }

  @Test
  void other_characters_are_fine() {
    var host = TestAgent.enrolled(supervisor).host();
    var name = "Ñandú 🦤 \u200d — 第一";

    var made =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name", name,
                "host_id", host,
                "script", Map.of("filename", "t.sh", "content", "echo hi\n")));

    assertThat(made.text("/name")).isEqualTo(name);
  }

  private static Map<String, Object> with(Map<String, ?> body, String field, Object value) {
    var more = new HashMap<String, Object>(body);
    more.put(field, value);
    return more;
  }
}
