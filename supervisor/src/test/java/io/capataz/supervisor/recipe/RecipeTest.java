package io.capataz.supervisor.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Somebody brings what they had in the original system, and takes it along again. */
class RecipeTest {

  /** Ids, dates, counters and what is derived from the place: never the same in two places. */
  private static final Set<String> OF_A_PLACE =
      Set.of(
          "id",
          "_id",
          "creation_date",
          "last_update",
          "execution_count",
          "fingerprint",
          "version",
          "source_model_id",
          "template",
          "template_id",
          "customer_id",
          "host",
          "host_id",
          "script_id",
          "triggers",
          "keyname",
          "v",
          "w",
          "start_task_id");

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private String host = "";

  @BeforeEach
  void a_host_is_there() {
    host = TestAgent.enrolled(supervisor).host();
  }

  @ParameterizedTest
  @CsvSource({
    "a-task.json, recipe",
    "a-task-windows.json, recipe",
    "a-task-plain.json, recipe",
    "b-shallow.json, serialize?mode=shallow",
    "b-deep.json, serialize?mode=deep"
  })
  void a_task_goes_in_and_comes_out_the_same(String file, String as) {
    var recipe = recipe(file);
    var made = supervisor.post("/acme/task/import?host_id=" + host, recipe);
    assertThat(made.status()).describedAs("%s", made.body()).isEqualTo(200);
    // Both are kept for export and listed as ignored: arguments are not turned into JSON texts
    // here,
    // and tasks have no triggers.
    assertThat(made.body().get("ignored_fields").valueStream().map(JsonNode::asString))
        .isSubsetOf("/arguments_type", "/triggers");

    var out = supervisor.get("/acme/task/" + made.text("/id") + "/" + as);

    assertThat(out.status()).isEqualTo(200);
    assertSame(recipe, out.body());
    // And once more: nothing is added or lost from now on.
    var again = supervisor.post("/acme/task/import?host_id=" + host, out.body());
    var second = supervisor.get("/acme/task/" + again.text("/id") + "/" + as).body();
    assertThat(ofNoPlace(second)).isEqualTo(ofNoPlace(out.body()));
  }

  @Test
  void a_workflow_goes_in_and_comes_out_the_same() {
    var recipe = recipe("c-workflow.json");
    var made = supervisor.post("/acme/workflows/import?host_id=" + host, recipe);
    assertThat(made.status()).describedAs("%s", made.body()).isEqualTo(200);

    var out =
        supervisor.get("/acme/workflows/" + made.text("/id") + "/serialize?mode=shallow").body();

    // A task's own mode drops what is of its place; the workflow keeps its ACL.
    assertSame(recipe, out);
    assertThat(shape(out)).isEqualTo(shape(recipe));
    var again = supervisor.post("/acme/workflows/import?host_id=" + host, out);
    var second =
        supervisor.get("/acme/workflows/" + again.text("/id") + "/serialize?mode=shallow").body();
    assertThat(ofNoPlace(second)).isEqualTo(ofNoPlace(out));
  }

  @Test
  void the_customer_in_a_workflow_is_a_field_and_no_address() {
    var recipe = recipe("c-workflow.json");
    recipe.put("customer", "0123456789abcdef01234567");

    var made = supervisor.post("/acme/workflows/import?host_id=" + host, recipe);

    assertThat(made.status()).describedAs("%s", made.body()).isEqualTo(200);
    var task = recipe("b-deep.json");
    task.put("customer", "another");
    assertThat(supervisor.post("/acme/task/import?host_id=" + host, task).status()).isEqualTo(200);
  }

  @Test
  void the_start_node_of_a_workflow_is_understood() {
    var recipe = recipe("c-workflow.json");
    var first = recipe.get("start_task_id").asString();
    var graph = (ObjectNode) recipe.get("graph");
    ((ArrayNode) graph.get("nodes"))
        .addObject()
        .put("v", "START_NODE")
        .putObject("value")
        .put("id", "START_NODE")
        .put("_type", "home");
    ((ArrayNode) graph.get("edges")).addObject().put("v", "START_NODE").put("w", first);

    var made = supervisor.post("/acme/workflows/import?host_id=" + host, recipe);

    assertThat(made.status()).describedAs("%s", made.body()).isEqualTo(200);
    var out = supervisor.get("/acme/workflows/" + made.text("/id") + "/serialize").body();
    assertThat(out.at("/graph/nodes").findValuesAsString("v")).contains("START_NODE");
    assertThat(out.at("/graph/edges").valueStream())
        .anySatisfy(
            edge -> {
              assertThat(edge.get("v").asString()).isEqualTo("START_NODE");
              assertThat(edge.get("w")).isEqualTo(out.get("start_task_id"));
            });
  }

  @Test
  void the_oldest_recipes_keep_their_arguments() {
    var task = Map.of("name", "old", "type", "script", "script_runas", "bash %script%");
    var file = Map.of("filename", "x.sh", "data", "ZWNobyAiJCMgYXJndW1lbnRzOiAkKiIK");
    var arguments = List.of(Map.of("type", "fixed", "order", 0, "value", "x"), "y");
    var old = new HashMap<String, Object>(task);
    old.put("script_arguments", arguments);

    var made =
        supervisor.post("/acme/task/import?host_id=" + host, Map.of("task", old, "file", file));
    old.put("task_arguments", List.of(Map.of("type", "input", "label", "newer")));
    var both =
        supervisor.post("/acme/task/import?host_id=" + host, Map.of("task", old, "file", file));

    assertThat(made.status()).describedAs("%s", made.body()).isEqualTo(200);
    assertThat(made.body().get("task_arguments").findValuesAsString("value"))
        .containsExactly("x", "y");
    assertThat(made.body().get("ignored_fields").isEmpty()).isTrue();
    assertThat(both.body().get("task_arguments").findValuesAsString("label"))
        .containsExactly("newer");
    assertThat(both.body().get("ignored_fields").toString())
        .isEqualTo("[\"/task/script_arguments\"]");
  }

  @Test
  void what_an_import_leaves_out_or_refuses_is_named_in_the_words_of_the_recipe() {
    var recipe = recipe("a-task.json");
    var task = (ObjectNode) recipe.get("task");
    task.putArray("triggers").addObject().put("event", "x");
    task.putArray("schedules").add("0 0 * * *");

    var made = supervisor.post("/acme/task/import?host_id=" + host, recipe);
    task.put("timeout", 9_000_000_000_000L);
    task.put("script_runas", "a %script% b %script%");
    ((ObjectNode) recipe.get("file")).put("filename", "../x");
    var refused = supervisor.post("/acme/task/import?host_id=" + host, recipe);

    assertThat(made.body().get("ignored_fields").toString())
        .contains("/task/triggers", "/task/schedules");
    assertThat(refused.body().get("errors").findValuesAsString("pointer"))
        .containsExactlyInAnyOrder("/task/timeout", "/task/script_runas", "/file/filename");
    assertThat(refused.body().toString()).contains("milliseconds from 1000 to 2592000000");
  }

  @Test
  void what_was_imported_runs() {
    var made = supervisor.post("/acme/task/import?host_id=" + host, recipe("a-task.json"));

    var run =
        supervisor.postAs(
            null,
            "/acme/task/" + made.text("/id") + "/secret/" + made.text("/secret") + "/job",
            Map.of("task_arguments", List.of("/tmp/nowhere")));

    assertThat(run.status()).describedAs("%s", run.body()).isEqualTo(200);
    assertThat(made.body().get("timeout").asInt()).describedAs("seconds").isEqualTo(600);
    assertThat(made.body().get("multitasking").asBoolean()).isFalse();
    assertThat(made.text("/run_as")).isEqualTo("/bin/bash %script%");
  }

  @Test
  void seed_004s_get_with_a_body_imports_too() {
    var imported =
        supervisor.send(
            supervisor
                .request("/acme/task/import?host_id=" + host)
                .header("Authorization", "Bearer " + supervisor.token())
                .header("Content-Type", "application/json")
                .method(
                    "GET", BodyPublishers.ofByteArray(MessageJson.write(recipe("a-task.json")))));

    assertThat(imported.status()).describedAs("%s", imported.body()).isEqualTo(200);
    assertThat(imported.text("/name")).isEqualTo("Free room");
  }

  @Test
  void a_field_that_nobody_knows_is_named_and_stops_nothing() {
    var recipe = recipe("a-task.json");
    ((ObjectNode) recipe.get("task")).put("colour", "red");
    ((ObjectNode) recipe.get("file")).put("weight", 3);
    recipe.put("note", "hello");

    var made = supervisor.post("/acme/task/import?host_id=" + host, recipe);

    assertThat(made.status()).isEqualTo(200);
    assertThat(made.body().get("ignored_fields").valueStream().map(JsonNode::asString))
        .containsExactlyInAnyOrder("/task/colour", "/file/weight", "/note");
  }

  @Test
  void secrets_do_not_travel() {
    var task =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name",
                "with secrets",
                "host_id",
                host,
                "env",
                Map.of("OPEN", "seen", "HIDDEN", "canary-of-env"),
                "masked_env",
                List.of("HIDDEN"),
                "task_arguments",
                List.of(
                    Map.of(
                        "type", "fixed", "label", "key", "value", "canary-of-arg", "masked", true)),
                "script",
                Map.of("filename", "a.sh", "content", "true")));
    assertThat(task.status()).describedAs("%s", task.body()).isEqualTo(200);
    for (var as : List.of("recipe", "serialize", "serialize?mode=shallow", "serialize?mode=deep")) {
      var out = supervisor.get("/acme/task/" + task.text("/id") + "/" + as);

      assertThat(out.status()).isEqualTo(200);
      assertThat(out.raw().body())
          .describedAs(as)
          .doesNotContain("canary-of")
          .doesNotContain("********")
          .doesNotContain(task.text("/secret"))
          .doesNotContain(Base64.getEncoder().encodeToString("canary-of-env".getBytes(UTF_8)));
    }
    assertThat(supervisor.get("/acme/task/" + task.text("/id") + "/recipe").raw().body())
        .contains("seen");
  }

  @Test
  void tasks_that_run_no_script_are_imported_and_need_no_host() {
    var approval =
        imported(
            "{'task': {'_type': 'ApprovalTask', 'type': 'approval', 'name': 'ok?',"
                + " 'host_id': null, 'approvers': ['5b1d0a7c9d2f6c0011223344', 'ann@example.org'],"
                + " 'approvals_target': 'assignees', 'success_label': 'Yes', 'env': {},"
                + " 'show_result': true, 'task_arguments': []}}");
    assertThat(approval.at("/approvers").toString()).isEqualTo("[\"ann@example.org\"]");
    assertThat(approval.at("/ignored_fields").toString())
        .contains("/task/approvers/0", "/task/approvals_target");
    var input = imported("{'type': 'dummy', 'name': 'ask', 'user_inputs': true}");
    assertThat(input.at("/user_inputs").asBoolean()).isTrue();
    assertThat(imported("{'type': 'dummy', 'name': 'pass on'}").at("/user_inputs").asBoolean())
        .isFalse();
    var scraper =
        imported(
            "{'type': 'scraper', 'name': 'get', 'url': 'https://example.org/', 'method': 'GET',"
                + " 'status_code': 200, 'timeout': 5000, 'parser': 'pattern', 'pattern': 'ok'}");
    assertThat(scraper.at("/timeout").asInt()).isEqualTo(5);
    assertThat(scraper.at("/register_body").asBoolean(true)).isFalse();
    var notification =
        imported(
            "{'type': 'notification', 'name': 'tell', 'subject': 'x', 'body': 'y',"
                + " 'recipients': ['ann@example.org'],"
                + " 'notificationTypes': {'push': true, 'email': false}}");
    assertThat(notification.at("/notificationTypes/desktop").asBoolean()).isTrue();
    assertThat(notification.has("host_id")).isFalse();

    var exported = supervisor.get("/acme/task/" + approval.at("/id").asString() + "/recipe");
    assertThat(exported.status()).isEqualTo(409);
    assertThat(exported.text("/code")).isEqualTo("not_exported");
  }

  private JsonNode imported(String recipe) {
    var answer =
        supervisor.post(
            "/acme/task/import", MessageJson.mapper().readTree(recipe.replace('\'', '"')));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body();
  }

  @Test
  void a_recipe_finds_its_host_by_name_or_says_what_is_missing() {
    var name = supervisor.get("/acme/host/" + host).text("/hostname");
    var byName = supervisor.post("/acme/task/import?hostname=" + name, recipe("a-task.json"));
    assertThat(byName.text("/host_id")).isEqualTo(host);

    var nowhere = supervisor.post("/acme/task/import", recipe("a-task.json"));
    assertThat(nowhere.status()).isEqualTo(400);
    assertThat(nowhere.text("/errors/0/pointer")).isEqualTo("/hostname");
    var unknown = supervisor.post("/acme/task/import?hostname=not-here", recipe("a-task.json"));
    assertThat(unknown.status()).isEqualTo(400);
  }

  @Test
  void what_is_no_recipe_is_told_and_nothing_is_made_of_it() {
    var before = supervisor.get("/acme/task?name=Check").body().size();
    var broken = recipe("c-workflow.json");
    ((ObjectNode) broken.get("graph").get("edges").get(0)).put("w", "nobody");
    var badTask = recipe("c-workflow.json");
    ((ObjectNode) badTask.get("tasks").get(1)).put("timeout", "soon").put("name", "");

    for (var body : List.of(broken, badTask)) {
      var answer = supervisor.post("/acme/workflows/import?host_id=" + host, body);
      assertThat(answer.status()).describedAs("%s", answer.body()).isEqualTo(400);
    }
    assertThat(supervisor.get("/acme/task?name=Check").body().size()).isEqualTo(before);
    for (var body :
        List.of(
            Map.of(),
            Map.of("task", Map.of()),
            Map.of("task", Map.of("type", "scraper", "name", "x")),
            Map.of("task", Map.of("type", "script", "name", "x")),
            Map.of("task", Map.of("type", "script"), "file", Map.of("data", "%%%")))) {
      var answer = supervisor.post("/acme/task/import?host_id=" + host, body);
      assertThat(answer.status()).describedAs("%s", body).isEqualTo(400);
    }
  }

  @Test
  void values_of_any_type_are_told_or_kept_and_never_a_fault() {
    for (var timeout : List.of("soon", 1.5, new BigInteger("9".repeat(40)), List.of(), -1_500)) {
      var recipe = recipe("a-task.json");
      ((ObjectNode) recipe.get("task")).set("timeout", MessageJson.mapper().valueToTree(timeout));
      assertThat(supervisor.post("/acme/task/import?host_id=" + host, recipe).status())
          .describedAs("%s", timeout)
          .isIn(200, 400);
    }
    var odd = recipe("c-workflow.json");
    ((ObjectNode) odd.at("/graph/nodes/0/value")).set("id", odd.get("graph").deepCopy());
    ((ObjectNode) odd.at("/graph/nodes/1")).put("value", 7);
    assertThat(supervisor.post("/acme/workflows/import?host_id=" + host, odd).status())
        .isEqualTo(200);
    var anyAcl = recipe("c-workflow.json");
    anyAcl.putArray("acl").add(" ").add(3);
    var refused = supervisor.post("/acme/workflows/import?host_id=" + host, anyAcl);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).startsWith("/acl");
  }

  @Test
  void a_recipe_cannot_name_a_task_that_is_here_already() {
    var here = supervisor.post("/acme/task/import?host_id=" + host, recipe("a-task.json"));
    var recipe = recipe("c-workflow.json");
    ((ObjectNode) recipe.at("/tasks/2")).put("task_id", here.text("/id"));

    var made = supervisor.post("/acme/workflows/import?host_id=" + host, recipe);

    var out = supervisor.get("/acme/workflows/" + made.text("/id") + "/serialize").body();
    assertThat(out.at("/tasks/2/name").asString()).isEqualTo("First approval");
  }

  /** Everything that {@code in} says, {@code out} says too; it may say more. */
  private static void assertSame(JsonNode in, JsonNode out) {
    var missing = new ArrayList<String>();
    compare(in, out, "", missing);
    assertThat(missing).describedAs("%s", out).isEmpty();
  }

  private static void compare(JsonNode in, JsonNode out, String at, List<String> missing) {
    if (in instanceof ObjectNode object) {
      for (var field : object.properties()) {
        if (!OF_A_PLACE.contains(field.getKey())) {
          var there = out.get(field.getKey());
          if (there == null) {
            missing.add(at + "/" + field.getKey());
          } else {
            compare(field.getValue(), there, at + "/" + field.getKey(), missing);
          }
        }
      }
    } else if (in instanceof ArrayNode array && out.size() == array.size()) {
      for (var i = 0; i < array.size(); i++) {
        compare(array.get(i), out.get(i), at + "/" + i, missing);
      }
    } else if (!in.equals(out) && !(in.isNumber() && in.asLong() == out.asLong(-1))) {
      missing.add(at + ": " + in + " became " + out);
    }
  }

  private static JsonNode ofNoPlace(JsonNode node) {
    var copy = node.deepCopy();
    strip(copy);
    return copy;
  }

  private static void strip(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(OF_A_PLACE);
    }
    node.forEach(RecipeTest::strip);
  }

  /** The graph by the names of its tasks, whatever their ids. */
  private static Set<String> shape(JsonNode workflow) {
    var names = new HashMap<String, String>();
    workflow
        .get("tasks")
        .forEach(task -> names.put(task.get("id").asString(), task.get("name").asString()));
    var edges = new HashSet<String>();
    workflow
        .at("/graph/edges")
        .forEach(
            edge ->
                edges.add(
                    names.get(edge.get("v").asString())
                        + " -"
                        + edge.get("value").asString()
                        + "-> "
                        + names.get(edge.get("w").asString())));
    workflow
        .at("/graph/nodes")
        .forEach(
            node ->
                edges.add(
                    names.get(node.get("v").asString())
                        + " is "
                        + names.get(node.at("/value/id").asString())));
    edges.add("start " + names.get(workflow.get("start_task_id").asString()));
    return edges;
  }

  private static ObjectNode recipe(String file) {
    try (var stream = RecipeTest.class.getResourceAsStream("/recipes/" + file)) {
      return (ObjectNode) MessageJson.mapper().readTree(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
