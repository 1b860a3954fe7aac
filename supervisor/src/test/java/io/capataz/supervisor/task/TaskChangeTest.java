package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An administrator defines tasks, changes them, and takes them away. */
class TaskChangeTest {

  private static final String MASK = "********";

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String secret = UUID.randomUUID().toString();

  /** Every property of the model, none of them with its default. */
  private final Map<String, Object> everything =
      Map.ofEntries(
          Map.entry("name", "nightly backup"),
          Map.entry("description", "keeps a copy"),
          Map.entry("tags", List.of("backup", "night")),
          Map.entry("host_id", agent.host()),
          Map.entry("run_as", "deploy"),
          Map.entry("acls", List.of("user", "team:ops")),
          Map.entry("triggers", List.of("0123456789abcdef01234567")),
          Map.entry("grace_time", 30),
          Map.entry("timeout", 77),
          Map.entry("max_parallel", 3),
          Map.entry("env", Map.of("REGION", "east", "TOKEN", secret)),
          Map.entry("masked_env", List.of("TOKEN")),
          Map.entry(
              "task_arguments",
              List.of(
                  Map.of("type", "input", "label", "who", "order", 0),
                  Map.of(
                      "type", "fixed", "label", "key", "order", 1, "value", secret, "masked",
                      true))),
          Map.entry("priority", 5),
          Map.entry("concurrency_key", "who"),
          Map.entry("concurrency_limit", 2),
          Map.entry("max_attempts", 4),
          Map.entry("on_lost", "retry"),
          Map.entry("retry_delay", 9),
          Map.entry("grace", 3),
          Map.entry("kill_signal", "SIGINT"),
          Map.entry("kill_mode", "main_first"),
          Map.entry("output_limit", 65_536),
          Map.entry("memory_limit", 1_048_576),
          Map.entry("process_limit", 8),
          Map.entry("interpreter", List.of("/bin/sh", "-e")),
          Map.entry("library", "housekeeping"),
          Map.entry("keep_jobs", 20),
          Map.entry("keep_days", 14),
          Map.entry("enable", false));

  @Test
  void every_property_is_kept_and_shown() {
    var task = made(everything);
    var shown = supervisor.get("/acme/task/" + task).body();

    everything.forEach(
        (name, value) -> {
          if (!name.equals("env") && !name.equals("task_arguments")) {
            assertThat(shown.get(name))
                .describedAs(name)
                .isEqualTo(MessageJson.mapper().valueToTree(value));
          }
        });
    assertThat(shown.at("/env/REGION").asString()).isEqualTo("east");
    assertThat(shown.at("/env/TOKEN").asString()).isEqualTo(MASK);
    assertThat(shown.at("/task_arguments/1/value").asString()).isEqualTo(MASK);
    assertThat(shown.at("/multitasking").asBoolean()).isTrue();
    assertThat(shown.toString()).doesNotContain(secret);
  }

  @Test
  void a_task_that_is_sent_back_as_it_was_shown_stays_what_it_is() {
    for (var task : List.of(made(everything), made(Map.of()))) {
      var shown = supervisor.get("/acme/task/" + task).body();

      var put = ok(supervisor.put("/acme/task/" + task, shown));

      assertThat(put.body()).isEqualTo(shown);
      assertThat(supervisor.get("/acme/task/" + task + "/version").body().size()).isEqualTo(1);
    }
  }

  @Test
  void a_replaced_task_has_defaults_for_what_was_left_out() {
    var task = made(everything);
    var script = supervisor.get("/acme/task/" + task).text("/script_id");

    var put =
        ok(
            supervisor.put(
                "/acme/task/" + task,
                Map.of("name", "other", "host_id", agent.host(), "script_id", script)));

    var fresh = supervisor.get("/acme/task/" + made(Map.of("name", "other"))).body();
    assertThat(put.body().get("version").asInt()).isEqualTo(2);
    assertThat(definition(put.body())).isEqualTo(definition(fresh));
    assertThat(put.text("/changed_by")).startsWith("token:");
    assertThat(put.text("/creation_date")).isNotEqualTo(put.text("/last_update"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "host_id", "script_id"})
  void a_replaced_task_needs_what_has_no_default(String name) {
    var task = made(Map.of());
    var shown = (ObjectNode) supervisor.get("/acme/task/" + task).body();
    shown.remove(name);

    var put = supervisor.put("/acme/task/" + task, shown);

    assertThat(put.status()).isEqualTo(400);
    assertThat(put.text("/errors/0/code")).isEqualTo("required");
  }

  @Test
  void only_what_is_sent_is_patched_and_null_is_the_default() {
    var task = made(everything);
    var before = supervisor.get("/acme/task/" + task).body();

    var patched =
        patch(
            task,
            """
            {"timeout": 12, "description": null, "env": {"REGION": "west", "NEW": "n"},
             "library": null, "enable": true}
            """);

    var expected = (ObjectNode) before.deepCopy();
    expected.put("timeout", 12).put("enable", true).remove(List.of("description", "library"));
    ((ObjectNode) expected.get("env")).put("REGION", "west").put("NEW", "n");
    assertThat(definition(patched)).isEqualTo(definition(expected));
    assertThat(patched.get("version").asInt()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"multitasking\": false}', /max_parallel, 1",
    "'{\"max_parallel\": 5}', /max_parallel, 5",
    "'{\"multitasking\": true}', /max_parallel, 3",
    "'{\"script_runas\": \"root\"}', /run_as, root",
    "'{\"acl\": [\"viewer\"]}', /acls/0, viewer",
    "'{\"limits\": {\"memory\": 2097152}}', /memory_limit, 2097152",
    "'{\"limits\": {\"memory\": 2097152}}', /process_limit, 8",
    "'{\"masked_env\": [\"TOKEN\", \"REGION\"]}', /env/REGION, ********",
  })
  void what_can_be_said_in_two_ways_is_patched_in_either(
      String patch, String pointer, String value) {
    assertThat(patch(made(everything), patch).at(pointer).asString()).isEqualTo(value);
  }

  @Test
  void a_task_is_given_another_target_by_naming_that() {
    var task = made(Map.of());
    var pool = work.pool(agent);

    var moved = patch(task, "{\"pool\": \"" + pool + "\"}");

    assertThat(moved.at("/pool").asString()).isEqualTo(pool);
    assertThat(moved.has("host_id")).isFalse();
    assertThat(patch(task, "{\"host\": \"" + agent.host() + "\"}").at("/host_id").asString())
        .isEqualTo(agent.host());
  }

  @Test
  void a_mask_that_is_sent_back_stands_for_the_value_behind_it() {
    var task = made(everything);
    var shown = (ObjectNode) supervisor.get("/acme/task/" + task).body();
    shown.put("enable", true).put("run_as", "other");

    ok(supervisor.put("/acme/task/" + task, shown));
    patch(task, "{\"env\": {\"REGION\": \"west\"}}");
    work.post(task, Map.of("task_arguments", List.of("x")));

    var order = agent.claimOne();
    assertThat(order.environment()).containsEntry("TOKEN", secret).containsEntry("REGION", "west");
    assertThat(order.arguments()).containsExactly("x", secret);
  }

  @Test
  void of_masked_arguments_with_one_label_each_keeps_its_own() {
    var task =
        made(
            Map.of(
                "task_arguments",
                List.of(
                    Map.of("type", "fixed", "label", "k", "value", "1" + secret, "masked", true),
                    Map.of("type", "fixed", "label", "k", "value", "2" + secret, "masked", true))));
    var shown = (ObjectNode) supervisor.get("/acme/task/" + task).body();

    ok(supervisor.put("/acme/task/" + task, shown.put("timeout", 5)));
    work.post(task);

    assertThat(agent.claimOne().arguments()).containsExactly("1" + secret, "2" + secret);
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"masked_env\": []}', /env/TOKEN",
    "'{\"env\": {\"TOKEN\": \"********\"}, \"masked_env\": null}', /env/TOKEN",
    "'{\"env\": {\"REGION\": \"********\"}, \"masked_env\": [\"REGION\"]}', /env/REGION",
    "'{\"task_arguments\": [{\"type\": \"input\", \"label\": \"who\"}, {\"type\": \"fixed\","
        + " \"label\": \"key\", \"value\": \"********\"}]}', /task_arguments/1/value",
    "'{\"task_arguments\": [{\"type\": \"input\", \"label\": \"who\"}, {\"type\": \"fixed\","
        + " \"label\": \"new\", \"masked\": true, \"value\": \"********\"}]}',"
        + " /task_arguments/1/value",
  })
  void no_change_shows_a_masked_value_or_takes_a_mask_for_one(String patch, String pointer) {
    var task = made(everything);

    var answer = supervisor.ask("PATCH", "/acme/task/" + task, json(patch));

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.body().get("errors").findValuesAsString("pointer")).contains(pointer);
    assertThat(answer.raw().body()).doesNotContain(secret);
    assertThat(supervisor.get("/acme/task/" + task).raw().body()).doesNotContain(secret);
  }

  @Test
  void a_masked_variable_may_be_taken_out() {
    var patched = patch(made(everything), "{\"env\": {\"TOKEN\": null}}");

    assertThat(patched.at("/masked_env").isEmpty()).isTrue();
    assertThat(patched.at("/env").propertyNames()).containsExactly("REGION");
  }

  @Test
  void a_task_that_is_sent_again_with_its_script_stays_what_it_is() {
    var body = new HashMap<String, Object>(everything);
    body.put("script", Map.of("filename", "x.sh", "content", "echo 1"));
    var task = made(body);
    var before = supervisor.get("/acme/task/" + task);

    var same = supervisor.put("/acme/task/" + task, body);
    assertThat(same.body().get("version")).isEqualTo(before.body().get("version"));
    assertThat(same.text("/script_id")).isEqualTo(before.text("/script_id"));

    for (var other :
        List.of(
            Map.of("filename", "x.sh", "content", "echo 2"),
            Map.of("filename", "y.sh", "content", "echo 2"),
            Map.of("filename", "y.sh", "content", "echo 2", "interpreter", List.of("/bin/sh")))) {
      var last = supervisor.get("/acme/task/" + task);
      body.put("script", other);
      var changed = supervisor.put("/acme/task/" + task, body);
      assertThat(changed.status()).describedAs(changed.raw().body()).isEqualTo(200);
      assertThat(changed.text("/script_id")).isNotEqualTo(last.text("/script_id"));
    }
  }

  @Test
  void the_originals_spellings_are_understood() {
    var script = supervisor.get("/acme/task/" + made(Map.of())).text("/script_id");

    var answer =
        ok(
            supervisor.post(
                "/acme/task",
                Map.of(
                    "name", "theirs",
                    "type", "script",
                    "_type", "ScriptTask",
                    "host", agent.host(),
                    "script", script,
                    "acl", List.of("user"),
                    "script_runas", "node %script%",
                    "limits", Map.of("output", 65_536, "processes", 9),
                    "customer", "acme")));

    assertThat(answer.text("/host_id")).isEqualTo(agent.host());
    assertThat(answer.text("/script_id")).isEqualTo(script);
    assertThat(answer.text("/acls/0")).isEqualTo("user");
    assertThat(answer.text("/run_as")).isEqualTo("node %script%");
    assertThat(answer.body().at("/output_limit").asInt()).isEqualTo(65_536);
    assertThat(answer.body().at("/process_limit").asInt()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"type\": \"approvals\"}', /type",
    "'{\"_type\": \"DummyTask\"}', /_type",
    "'{\"enable\": \"yes\"}', /enable",
    "'{\"triggers\": \"x\"}', /triggers",
    "'{\"grace_time\": -1}', /grace_time",
    "'{\"library\": \"../x\"}', /library",
    "'{\"interpreter\": [\"\"]}', /interpreter",
    "'{\"limits\": {\"memory\": 1}}', /limits/memory",
    "'{\"limits\": {\"cpu\": 1}}', /limits/cpu",
    "'{\"limits\": {\"memory\": 2097152}, \"memory_limit\": 2097152}', /limits/memory",
    "'{\"acl\": [], \"acls\": []}', /acl",
    "'{\"acls\": [\"\"]}', /acls/0",
    "'{\"host\": \"x\"}', /host",
    "'{\"pool\": \"x\"}', /pool",
    "'{\"secret\": \"0123456789\"}', /secret",
    "'{\"colour\": 1}', /colour",
  })
  void what_no_task_can_be_is_400_and_named(String more, String pointer) {
    var task = made(Map.of());

    for (var method : List.of("PATCH", "PUT")) {
      var body = json(more);
      if (method.equals("PUT")) {
        var whole = (ObjectNode) supervisor.get("/acme/task/" + task).body();
        body.properties().forEach(field -> whole.set(field.getKey(), field.getValue()));
        body = whole;
      }
      var answer = supervisor.ask(method, "/acme/task/" + task, body);

      // PUT of a whole task has the other spelling beside; so does PATCH only if both were sent.
      if (answer.status() == 200) {
        assertThat(more).contains("\"acl\": [], \"acls\"");
        continue;
      }
      assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
      assertThat(answer.body().get("errors").findValuesAsString("pointer")).contains(pointer);
    }
    assertThat(supervisor.get("/acme/task/" + task).body().get("version").asInt()).isEqualTo(1);
  }

  @Test
  void a_change_is_made_to_the_version_that_was_seen_or_not_at_all() {
    var task = made(Map.of());
    var seen = supervisor.get("/acme/task/" + task);
    var tag = seen.raw().headers().firstValue("ETag").orElseThrow();
    assertThat(tag).isEqualTo("\"1\"");

    assertThat(supervisor.ask("GET", "/acme/task/" + task, null, "If-None-Match", tag).status())
        .isEqualTo(304);
    var first =
        ok(supervisor.ask("PATCH", "/acme/task/" + task, Map.of("timeout", 5), "If-Match", tag));
    assertThat(first.raw().headers().firstValue("ETag")).contains("\"2\"");
    for (var method : List.of("PATCH", "PUT", "DELETE")) {
      var late =
          supervisor.ask(
              method,
              "/acme/task/" + task,
              method.equals("DELETE") ? null : seen.body(),
              "If-Match",
              tag);
      assertThat(late.status()).describedAs(method).isEqualTo(412);
      assertThat(late.text("/code")).isEqualTo("changed_since");
    }
    assertThat(supervisor.ask("GET", "/acme/task/" + task, null, "If-None-Match", tag).status())
        .isEqualTo(200);
    assertThat(
            supervisor
                .ask("PATCH", "/acme/task/" + task, Map.of("timeout", 6), "If-Match", "2")
                .status())
        .isEqualTo(400);
    for (var good : List.of("*", "\"1\", \"2\"")) {
      ok(supervisor.ask("PATCH", "/acme/task/" + task, Map.of("timeout", 5), "If-Match", good));
    }
  }

  @Test
  void the_key_that_was_shown_may_come_back_and_another_is_refused_with_the_way_to_get_one() {
    var made = ok(supervisor.post("/acme/task", body(Map.of())));
    var id = made.text("/id");

    assertThat(ok(supervisor.put("/acme/task/" + id, made.body())).body().get("version").asInt())
        .isEqualTo(1);
    var chosen = (ObjectNode) made.body().deepCopy();
    chosen.put("secret", "0".repeat(64));
    var refused = supervisor.put("/acme/task/" + id, chosen);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.raw().body()).contains("POST /acme/task/" + id + "/secret");
    assertThat(supervisor.post("/acme/task", body(Map.of("secret", "mine"))).status())
        .isEqualTo(400);
  }

  @Test
  void tasks_are_changed_by_administrators_only() {
    var task = made(Map.of("acls", List.of("manager")));
    var manager = supervisor.tokenWith(Role.MANAGER);

    for (var method : List.of("PUT", "PATCH", "DELETE")) {
      assertThat(supervisor.askAs(manager, method, "/acme/task/" + task, Map.of()).status())
          .isEqualTo(403);
    }
    ok(
        supervisor.askAs(
            supervisor.tokenWith(Role.ADMIN), "PATCH", "/acme/task/" + task, Map.of("timeout", 9)));
  }

  @Test
  void the_organization_may_be_left_out_of_the_path() {
    var task = ok(supervisor.post("/task", body(Map.of("tags", List.of(secret))))).text("/id");

    assertThat(ok(supervisor.get("/task?tags=" + secret)).text("/0/id")).isEqualTo(task);
    assertThat(ok(supervisor.get("/task/" + task)).text("/id")).isEqualTo(task);
    assertThat(ok(supervisor.ask("PATCH", "/task/" + task, Map.of("timeout", 8))).text("/id"))
        .isEqualTo(task);
    assertThat(ok(supervisor.ask("DELETE", "/task/" + task, null)).raw().body()).isEqualTo("{}");
    assertThat(supervisor.get("/task/" + task).status()).isEqualTo(404);
    // As an organization's list and as a task's id alike, there is no such thing.
    assertThat(supervisor.get("/task/task").status()).isEqualTo(404);
  }

  @Test
  void a_disabled_task_is_not_run() {
    var made = ok(supervisor.post("/acme/task", body(Map.of("enable", false))));
    var task = made.text("/id");

    for (var run :
        List.of(
            supervisor.post("/acme/task/" + task + "/job", Map.of()),
            supervisor.postAs(
                null, "/task/" + task + "/secret/" + made.text("/secret") + "/job", Map.of()))) {
      assertThat(run.status()).isEqualTo(409);
      assertThat(run.text("/code")).isEqualTo("task_disabled");
    }
    patch(task, "{\"enable\": true}");
    work.post(task);
  }

  @Test
  void of_a_removed_task_what_waits_is_cancelled_and_what_runs_goes_on() {
    var made = ok(supervisor.post("/acme/task", body(Map.of())));
    var task = made.text("/id");
    var running = work.post(task);
    var order = agent.claimOne();
    agent.started(order);
    var waiting = work.post(task);
    var held = work.post(task, Map.of("hold", true));

    assertThat(ok(supervisor.ask("DELETE", "/acme/task/" + task, null)).raw().body())
        .isEqualTo("{}");

    assertThat(supervisor.get("/acme/task/" + task).status()).isEqualTo(404);
    assertThat(supervisor.get("/acme/task/" + task + "/version").status()).isEqualTo(404);
    assertThat(supervisor.ask("DELETE", "/acme/task/" + task, null).status()).isEqualTo(404);
    assertThat(
            supervisor
                .postAs(
                    null, "/task/" + task + "/secret/" + made.text("/secret") + "/job", Map.of())
                .status())
        .isEqualTo(404);
    assertThat(work.status(waiting)).isEqualTo("canceled");
    assertThat(work.status(held)).isEqualTo("canceled");
    assertThat(work.status(running)).isEqualTo("running");
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);
    assertThat(work.status(running)).isEqualTo("succeeded");
  }

  @Test
  void one_request_makes_a_task_for_each_of_many_hosts() {
    var other = TestAgent.enrolled(supervisor);
    var body = body(Map.of("tags", List.of(secret)));
    body.remove("host_id");

    body.put("host_ids", List.of(agent.host(), "nowhere"));
    var refused = supervisor.post("/acme/task", body);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/host_ids/1");
    assertThat(supervisor.get("/acme/task?tags=" + secret).body().isEmpty()).isTrue();

    body.put("host_ids", List.of(agent.host(), other.host()));
    var made = ok(supervisor.post("/acme/task", body)).body();
    assertThat(made.findValuesAsString("host_id")).containsExactly(agent.host(), other.host());
    assertThat(made.findValuesAsString("id")).doesNotHaveDuplicates();
    assertThat(made.findValuesAsString("secret")).doesNotHaveDuplicates().hasSize(2);
    for (var task : made) {
      var path = "/task/" + task.at("/id").asString() + "/secret/" + task.at("/secret").asString();
      ok(supervisor.postAs(null, path + "/job", Map.of()));
    }
    assertThat(other.claimOne().owner().task()).isEqualTo(made.at("/1/id").asString());
  }

  @Test
  void a_task_may_name_what_interprets_its_script() {
    var task = made(Map.of("interpreter", List.of("/bin/dash", "-x")));
    work.post(task);

    assertThat(agent.claimOne().script().interpreter()).containsExactly("/bin/dash", "-x");
  }

  private String made(Map<String, ?> more) {
    return ok(supervisor.post("/acme/task", body(more))).text("/id");
  }

  private Map<String, Object> body(Map<String, ?> more) {
    var body = new HashMap<String, Object>();
    body.put("name", "any");
    body.put("host_id", agent.host());
    body.put("script", Map.of("filename", "x.sh", "content", "exit 0"));
    body.putAll(more);
    return body;
  }

  private JsonNode patch(String task, String patch) {
    return ok(supervisor.ask("PATCH", "/acme/task/" + task, json(patch))).body();
  }

  private static ObjectNode json(String text) {
    return (ObjectNode) MessageJson.mapper().readTree(text);
  }

  /** What a task says, without which task it is and when it was changed. */
  private static JsonNode definition(JsonNode task) {
    return ((ObjectNode) task.deepCopy())
        .remove(
            List.of(
                "id",
                "script_id",
                "version",
                "creation_date",
                "last_update",
                "changed_by",
                "secret"));
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }
}
