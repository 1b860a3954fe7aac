package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A task's secret keys are changed and revoked, at once or with time to take the new one. */
class SecretKeyTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Answer made =
      ok(
          supervisor.post(
              "/acme/task",
              Map.of(
                  "name", "any",
                  "host_id", agent.host(),
                  "acls", List.of("manager"),
                  "script", Map.of("filename", "x.sh", "content", "exit 0"))));
  private final String task = made.text("/id");
  private final String first = made.text("/secret");

  @Test
  void a_changed_key_takes_the_place_of_the_old_one_at_once() {
    assertOpens(first);

    var changed = rotate(Map.of());

    assertOpens(changed.text("/secret"));
    assertOpensNot(first);
    assertThat(credentials().text("/secret")).isEqualTo(changed.text("/secret"));
    assertThat(changed.body().get("secret_keys").findValuesAsString("id"))
        .containsExactly(id(changed.text("/secret")));
  }

  @Test
  void with_an_overlap_both_open_until_the_old_one_is_over_or_revoked() {
    var second = rotate(Map.of("overlap", 3600)).text("/secret");

    assertOpens(first);
    assertOpens(second);
    var keys = credentials().body().get("secret_keys");
    assertThat(keys.findValuesAsString("id")).containsExactly(id(second), id(first));
    assertThat(keys.get(0).has("expires")).isFalse();
    assertThat(keys.get(1).has("expires")).isTrue();
    // A longer overlap later gives the first one no more time.
    var end = keys.get(1).get("expires").asString();
    var third = rotate(Map.of("overlap", 7200)).text("/secret");
    assertThat(credentials().body().at("/secret_keys/2/expires").asString()).isEqualTo(end);

    assertThat(ok(revoke(id(first))).raw().body()).isEqualTo("{}");
    assertOpensNot(first);
    assertOpens(second);
    assertOpens(third);
    assertThat(revoke(id(first)).status()).isEqualTo(404);
    assertThat(ok(revoke(id(third))).status()).isEqualTo(200);
    assertOpensNot(third);
  }

  @Test
  void credentials_say_which_keys_there_are_and_when_they_were_used() {
    assertThat(credentials().body().at("/secret_keys/0").has("last_use")).isFalse();
    assertOpens(first);

    var shown = credentials();

    assertThat(shown.text("/id")).isEqualTo(task);
    assertThat(shown.text("/secret")).isEqualTo(first);
    assertThat(shown.text("/secret_keys/0/id")).isEqualTo(id(first));
    assertThat(shown.body().at("/secret_keys/0").has("last_use")).isTrue();
    assertThat(shown.raw().body()).doesNotContain("sha256:");
    // Whoever looks is written down.
    var acts = ok(supervisor.get("/acme/audit?object=" + task));
    assertThat(acts.body().findValuesAsString("action"))
        .contains("GET /{customer}/task/{id}/credentials");
    assertThat(acts.raw().body()).doesNotContain(first);
  }

  @Test
  void keys_are_for_administrators() {
    var manager = supervisor.tokenWith(Role.MANAGER);

    Map.of("/credentials", "GET", "/secret", "POST", "/secret/" + id(first), "DELETE")
        .forEach(
            (route, method) ->
                assertThat(
                        supervisor
                            .askAs(manager, method, "/acme/task/" + task + route, null)
                            .status())
                    .describedAs(route)
                    .isEqualTo(403));
    assertOpens(first);
  }

  @Test
  void another_tasks_key_is_not_this_ones_to_end() {
    var other =
        ok(
            supervisor.post(
                "/acme/task",
                Map.of(
                    "name", "other",
                    "host_id", agent.host(),
                    "script", Map.of("filename", "x.sh", "content", "exit 0"))));

    assertThat(revoke(id(other.text("/secret"))).status()).isEqualTo(404);
    assertOpensNot(other.text("/secret"));
    assertThat(
            supervisor
                .postAs(
                    null,
                    "/task/" + other.text("/id") + "/secret/" + other.text("/secret") + "/job",
                    Map.of())
                .status())
        .isEqualTo(200);
  }

  @Test
  void what_is_no_overlap_is_400_and_changes_nothing() {
    for (var overlap : List.<Object>of(-1, 2_592_001, "long", 1.5)) {
      assertThat(
              supervisor
                  .post("/acme/task/" + task + "/secret", Map.of("overlap", overlap))
                  .text("/errors/0/pointer"))
          .isEqualTo("/overlap");
    }
    assertOpens(first);
  }

  private Answer rotate(Map<String, ?> body) {
    return ok(supervisor.post("/acme/task/" + task + "/secret", body));
  }

  private Answer revoke(String key) {
    return supervisor.ask("DELETE", "/acme/task/" + task + "/secret/" + key, null);
  }

  private Answer credentials() {
    return ok(supervisor.get("/acme/task/" + task + "/credentials"));
  }

  private void assertOpens(String key) {
    ok(supervisor.postAs(null, "/acme/task/" + task + "/secret/" + key + "/job", Map.of()));
  }

  private void assertOpensNot(String key) {
    var answer =
        supervisor.postAs(null, "/acme/task/" + task + "/secret/" + key + "/job", Map.of());
    assertThat(answer.status()).isEqualTo(404);
  }

  /** The public part of a key. */
  private static String id(String key) {
    return AccessKey.parse(key).orElseThrow().id();
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }
}
