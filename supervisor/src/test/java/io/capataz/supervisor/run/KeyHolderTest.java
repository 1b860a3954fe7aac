package io.capataz.supervisor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the holder of a secret key sees and may ask for; docs/access.md. */
class KeyHolderTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Answer task =
      supervisor.post(
          "/acme/task",
          Map.of(
              "name",
              "by key",
              "host_id",
              agent.host(),
              "env",
              Map.of("REGION", "not for everybody"),
              "script",
              Map.of("filename", "x.sh", "content", "exit 0")));

  @Test
  void a_job_is_seen_with_its_state_its_times_and_what_came_of_it() {
    var posted = run(Map.of());
    var order = agent.claimOne();
    agent.returned(order, new Outcome.Succeeded(), Map.of("data", "well"));

    assertThat(posted.body().propertyNames())
        .contains("id", "_type", "state", "lifecycle", "status", "task_id", "creation_date")
        .doesNotContain("env", "acl", "host_id", "script_id", "task_arguments_values", "user");
    assertThat(posted.raw().body()).doesNotContain("not for everybody", agent.host());

    var redirected = run(Map.of("wait_result", true));
    var full =
        supervisor.send(
            supervisor
                .request(redirected.raw().headers().firstValue("Location").orElseThrow() + "&full=")
                .GET());
    assertThat(full.raw().body()).doesNotContain("not for everybody", agent.host());
  }

  @ParameterizedTest
  @ValueSource(strings = {"priority", "hold"})
  void what_is_for_the_organization_to_decide_is_refused(String field) {
    var refused = run(Map.of(field, field.equals("hold") ? true : 1));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/" + field);
    assertThat(refused.text("/errors/0/code")).isEqualTo("needs_token");
  }

  @Test
  void a_job_may_begin_later_but_not_much_later() {
    var now = Instant.now();

    assertThat(run(Map.of("not_before", now.plus(1, ChronoUnit.HOURS).toString())).status())
        .isEqualTo(200);
    var refused = run(Map.of("not_before", now.plus(2, ChronoUnit.DAYS).toString()));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/not_before");
  }

  @Test
  void an_idempotency_key_belongs_to_its_caller() {
    var byKey = once(null, path(), "the same");
    var byToken = once(supervisor.token(), "/acme/task/" + task.text("/id") + "/job", "the same");

    assertThat(byKey.status()).isEqualTo(200);
    assertThat(byToken.status()).isEqualTo(200);
    assertThat(byToken.text("/id")).isNotEqualTo(byKey.text("/id"));
    assertThat(once(null, path(), "the same").text("/id")).isEqualTo(byKey.text("/id"));
  }

  private Answer once(@org.jspecify.annotations.Nullable String token, String path, String key) {
    var request =
        supervisor
            .request(path)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{}"));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return supervisor.send(request);
  }

  private String path() {
    return "/acme/task/" + task.text("/id") + "/secret/" + task.text("/secret") + "/job";
  }

  private Answer run(Map<String, ?> body) {
    return supervisor.postAs(null, path(), new HashMap<>(body));
  }
}
