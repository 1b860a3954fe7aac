package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a task has been, who changed it, and how it becomes that again. */
class TaskVersionTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String secret = UUID.randomUUID().toString();

  private final String task =
      work.taskOn(
          agent,
          Map.of(
              "timeout",
              1,
              "env",
              Map.of("REGION", "east", "TOKEN", secret),
              "masked_env",
              List.of("TOKEN")));

  @Test
  void each_change_is_a_version_and_says_who_made_it_and_when() {
    patch(Map.of("timeout", 2));
    patch(Map.of("timeout", 3));
    patch(Map.of("timeout", 3));

    var list = versions("");
    assertThat(list.findValuesAsString("version")).containsExactly("3", "2", "1");
    assertThat(list.findValuesAsString("current")).containsExactly("true", "false", "false");
    assertThat(list.findValuesAsString("changed_by")).allMatch(by -> by.startsWith("token:"));
    assertThat(list.findValuesAsString("last_update")).doesNotHaveDuplicates().hasSize(3);
    for (var n = 1; n <= 3; n++) {
      assertThat(get("/version/" + n).body().get("timeout").asInt()).isEqualTo(n);
    }
    for (var none : List.of("0", "4", "x", "-1", "99999999999999999999")) {
      assertThat(supervisor.get("/acme/task/" + task + "/version/" + none).status()).isEqualTo(404);
    }
  }

  @Test
  void page_by_page_each_version_comes_once() {
    for (var i = 2; i <= 5; i++) {
      patch(Map.of("timeout", i));
    }
    for (var sort : List.of("-version", "version")) {
      for (var limit = 1; limit <= 6; limit++) {
        var seen = new ArrayList<String>();
        var cursor = "";
        do {
          var page = get("/version?sort=" + sort + "&limit=" + limit + "&cursor=" + cursor);
          assertThat(page.body().size()).isLessThanOrEqualTo(limit);
          seen.addAll(page.body().findValuesAsString("version"));
          cursor = page.raw().headers().firstValue("X-Next-Cursor").orElse("");
        } while (!cursor.isEmpty());
        var all = List.of("1", "2", "3", "4", "5");
        assertThat(seen)
            .describedAs(sort + " by " + limit)
            .containsExactlyElementsOf(sort.startsWith("-") ? all.reversed() : all);
      }
    }
  }

  @Test
  void of_changes_at_the_same_time_none_is_lost() throws Exception {
    var changes = new ArrayList<Callable<Answer>>();
    for (var i = 0; i < 12; i++) {
      var tag = "tag-" + i;
      changes.add(
          () ->
              supervisor.ask(
                  "PATCH",
                  "/acme/task/" + task,
                  Map.of("env", Map.of("V_" + tag.substring(4), tag))));
    }
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (var change : threads.invokeAll(changes)) {
        assertThat(change.get().status()).isEqualTo(200);
      }
    }

    var now = get("").body();
    assertThat(now.get("version").asInt()).isEqualTo(13);
    assertThat(now.get("env").size()).isEqualTo(2 + 12);
    // Each version is the one before it and one change more.
    var before = new TreeSet<String>();
    get("/version/1").body().get("env").propertyNames().forEach(before::add);
    for (var n = 2; n <= 13; n++) {
      var names = new TreeSet<>(get("/version/" + n).body().get("env").propertyNames());
      assertThat(names).hasSize(before.size() + 1).containsAll(before);
      before = names;
    }
  }

  @Test
  void a_difference_names_the_fields_and_shows_no_secret() {
    patch(
        Map.of(
            "timeout",
            2,
            "description",
            "new",
            "env",
            Map.of("REGION", "west", "TOKEN", "changed-" + secret)));

    var diff = get("/version/1/diff");

    assertThat(diff.body().get("with").asInt()).isEqualTo(2);
    assertThat(diff.body().get("changes").findValuesAsString("field"))
        .containsExactlyInAnyOrder("timeout", "description", "env/REGION", "env/TOKEN");
    assertThat(diff.body().toString())
        .contains("{\"field\":\"timeout\",\"before\":1,\"after\":2}")
        .contains("{\"field\":\"description\",\"after\":\"new\"}")
        .contains("{\"field\":\"env/TOKEN\",\"before\":\"********\",\"after\":\"********\"}");
    assertThat(diff.raw().body() + get("/version/1").raw().body()).doesNotContain(secret);
    assertThat(get("/version/2/diff?with=2").body().get("changes").isEmpty()).isTrue();
    assertThat(supervisor.get("/acme/task/" + task + "/version/1/diff?with=x").status())
        .isEqualTo(400);
    assertThat(supervisor.get("/acme/task/" + task + "/version/1/diff?with=9").status())
        .isEqualTo(404);
  }

  @Test
  void a_version_is_restored_as_a_new_one_with_its_secrets_and_without_its_acl() {
    patch(
        Map.of(
            "timeout", 2, "acls", List.of("user"), "env", Map.of("TOKEN", "other", "MORE", "x")));

    var restored =
        ok(supervisor.ask("POST", "/acme/task/" + task + "/version/1/restore", null)).body();

    assertThat(restored.get("version").asInt()).isEqualTo(3);
    assertThat(restored.get("timeout").asInt()).isEqualTo(1);
    assertThat(restored.at("/acls/0").asString()).isEqualTo("user");
    work.post(task);
    assertThat(agent.claimOne().environment())
        .containsEntry("TOKEN", secret)
        .doesNotContainKey("MORE");
    assertThat(
            supervisor
                .ask("POST", "/acme/task/" + task + "/version/1/restore", null, "If-Match", "\"1\"")
                .status())
        .isEqualTo(412);
    assertThat(supervisor.ask("POST", "/acme/task/" + task + "/version/9/restore", null).status())
        .isEqualTo(404);
  }

  @Test
  void a_job_keeps_what_the_task_said_and_names_that_version() {
    var before = work.post(task);
    patch(Map.of("env", Map.of("REGION", "west")));
    var after = work.post(task);

    assertThat(work.job(before).get("task_version").asInt()).isEqualTo(1);
    assertThat(work.job(after).get("task_version").asInt()).isEqualTo(2);
    assertThat(agent.claimOne().environment()).containsEntry("REGION", "east");
    assertThat(agent.claimOne().environment()).containsEntry("REGION", "west");
  }

  @Test
  void tasks_that_do_the_same_have_one_fingerprint() {
    var list = ok(supervisor.get("/task/version?limit=1000")).body();

    var mine = list.valueStream().filter(t -> t.get("id").asString().equals(task)).toList();
    assertThat(mine).hasSize(1);
    assertThat(mine.getFirst().propertyNames())
        .containsExactlyInAnyOrder("id", "name", "type", "_type", "fingerprint", "version");
  }

  private JsonNode versions(String query) {
    return get("/version" + query).body();
  }

  private void patch(Map<String, ?> patch) {
    ok(supervisor.ask("PATCH", "/acme/task/" + task, patch));
  }

  private Answer get(String path) {
    return ok(supervisor.get("/acme/task/" + task + path));
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }
}
