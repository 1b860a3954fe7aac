package io.capataz.supervisor.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder.SecretFile;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;

/** Secrets are stored once, used by many tasks, changed in one place, and never shown. */
class CredentialTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String name = "c-" + UUID.randomUUID();
  private final String secret = "s-" + UUID.randomUUID();

  @Test
  void what_a_credential_holds_is_in_no_answer() {
    var made = make(Map.of("name", name, "type", "text", "value", secret, "description", "any"));
    var id = made.text("/id");

    for (var answer :
        List.of(
            made,
            supervisor.get("/acme/credential/" + id),
            supervisor.get("/acme/credential/" + name),
            supervisor.get("/acme/credential?name=" + name),
            put(id, Map.of("name", name, "value", secret + "2")))) {
      assertThat(answer.status()).describedAs(answer.raw().body()).isIn(200, 201);
      assertThat(answer.raw().body()).contains(name).doesNotContain(secret);
    }
    assertThat(made.text("/type")).isEqualTo("text");
    assertThat(supervisor.get("/acme/credential/" + id).body().has("value")).isFalse();
  }

  @Test
  void each_kind_reaches_the_script_in_the_variables_that_the_task_names() {
    var token = make(Map.of("name", name, "type", "text", "value", secret)).text("/id");
    var key =
        make(Map.of(
                "name",
                name + "-key",
                "type",
                "file",
                "filename",
                "id_rsa",
                "value",
                "key " + secret))
            .text("/id");
    make(
        Map.of(
            "name", name + "-db", "type", "pair", "user", "scott", "password", "tiger " + secret));

    var task =
        work.taskOn(
            agent,
            Map.of(
                "credentials",
                List.of(
                    Map.of("credential", token, "env", "TOKEN", "file_env", "TOKEN_FILE"),
                    Map.of("credential", key, "file_env", "KEY_FILE"),
                    Map.of(
                        "credential",
                        name + "-db",
                        "user_env",
                        "DB_USER",
                        "password_env",
                        "DB_PW")),
                "env",
                Map.of("PLAIN", "plain")));
    work.post(task);
    var order = agent.claimOne();

    var given = new HashMap<>(order.environment());
    given.keySet().removeIf(name -> name.startsWith("CAPATAZ_USER_"));
    assertThat(given)
        .containsOnly(
            Map.entry("PLAIN", "plain"),
            Map.entry("TOKEN", secret),
            Map.entry("DB_USER", "scott"),
            Map.entry("DB_PW", "tiger " + secret));
    assertThat(order.secretFiles())
        .containsExactly(
            new SecretFile("TOKEN_FILE", "credential", Bytes.utf8(secret)),
            new SecretFile("KEY_FILE", "id_rsa", Bytes.utf8("key " + secret)));
    assertThat(order.secrets()).contains(secret, "key " + secret, "tiger " + secret);
    var shown = supervisor.get("/acme/task/" + task);
    assertThat(shown.body().at("/credentials/2/password_env").asString()).isEqualTo("DB_PW");
    assertThat(shown.raw().body()).doesNotContain(secret);
  }

  @Test
  void a_changed_value_is_used_by_the_next_run_and_one_that_is_left_out_stays() {
    var id = make(Map.of("name", name, "type", "text", "value", "one " + secret)).text("/id");
    var task =
        work.taskOn(agent, Map.of("credentials", List.of(Map.of("credential", id, "env", "T"))));
    work.post(task);

    put(id, Map.of("name", name, "value", "two " + secret));
    assertThat(agent.claimOne().environment()).containsEntry("T", "two " + secret);
    put(id, Map.of("name", name + "-b", "description", "renamed"));
    work.post(task);
    assertThat(agent.claimOne().environment()).containsEntry("T", "two " + secret);
  }

  @Test
  void one_that_tasks_use_is_not_removed_and_names_them() {
    var id = make(Map.of("name", name, "type", "text", "value", secret)).text("/id");
    work.taskOn(agent, Map.of("credentials", List.of(Map.of("credential", name, "env", "T"))));

    var refused = delete(id);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/detail")).contains("any");

    var unused = make(Map.of("name", name + "-2", "type", "text", "value", "x")).text("/id");
    assertThat(delete(unused).status()).isEqualTo(200);
    assertThat(supervisor.get("/acme/credential/" + unused).status()).isEqualTo(404);
  }

  @Test
  void a_run_whose_credential_is_missing_or_was_moved_says_so() {
    var id = make(Map.of("name", name, "type", "text", "value", secret)).text("/id");
    var other = make(Map.of("name", name + "-2", "type", "text", "value", "x")).text("/id");
    var task =
        work.taskOn(agent, Map.of("credentials", List.of(Map.of("credential", id, "env", "T"))));
    var store = supervisor.context().getBean(MongoOperations.class).getCollection("credentials");
    var kept = store.find(new Document("_id", new ObjectId(other))).first();
    assertThat(kept).isNotNull();

    // Whoever may write to the store gives the task another value.
    store.updateOne(
        new Document("_id", new ObjectId(id)),
        new Document("$set", new Document("value", kept.get("value"))));
    var moved = work.post(task);
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
    assertThat(outcome(moved)).isInstanceOf(Outcome.CouldNotStart.class);
    assertThat(outcome(moved).toString()).contains(name).contains("changed or moved");

    store.deleteOne(new Document("_id", new ObjectId(id)));
    var missing = work.post(task);
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
    assertThat(outcome(missing).toString()).contains(id).contains("was removed");
  }

  @Test
  void who_may_not_see_one_finds_nothing() {
    var id = make(Map.of("name", name, "type", "text", "value", secret)).text("/id");
    var seen =
        make(Map.of(
                "name", name + "-2", "type", "text", "value", secret, "acls", List.of("manager")))
            .text("/id");
    var manager = supervisor.tokenWith(Role.MANAGER);

    assertThat(as(manager, "/acme/credential/" + id).status()).isEqualTo(404);
    assertThat(as(manager, "/acme/credential/" + seen).status()).isEqualTo(200);
    assertThat(as(manager, "/acme/credential?limit=1000").raw().body())
        .contains(seen)
        .doesNotContain(id);
    assertThat(
            supervisor
                .postAs(manager, "/acme/credential", Map.of("name", "x", "type", "text"))
                .status())
        .isEqualTo(403);
    var user = supervisor.tokenWith(Role.USER);
    assertThat(as(user, "/acme/credential/" + seen).status()).isEqualTo(403);
  }

  @Test
  void nonsense_is_refused_and_named() {
    assertThat(make(Map.of()).body().at("/errors").findValuesAsString("pointer"))
        .contains("/name", "/type");
    assertThat(make(Map.of("name", name, "type", "text")).text("/errors/0/pointer"))
        .isEqualTo("/value");
    assertThat(
            make(Map.of("name", name, "type", "pair", "user", "x", "value", "y"))
                .body()
                .at("/errors")
                .findValuesAsString("pointer"))
        .containsExactlyInAnyOrder("/password", "/value");
    assertThat(
            make(Map.of("name", name, "type", "file", "value", "x", "filename", "../x"))
                .text("/errors/0/pointer"))
        .isEqualTo("/filename");
    var id = make(Map.of("name", name, "type", "text", "value", "x")).text("/id");
    assertThat(make(Map.of("name", name, "type", "text", "value", "x")).text("/code"))
        .isEqualTo("name_taken");
    assertThat(put(id, Map.of("name", name, "type", "file")).text("/errors/0/pointer"))
        .isEqualTo("/type");
    var uses =
        Map.of(
            "/credentials/0/credential",
            List.of(
                Map.of("credential", "nobody", "env", "A"),
                Map.of("credential", name),
                Map.of("credential", name, "user_env", "A")),
            "/credentials/0/env",
            List.of(
                Map.of("credential", name, "env", "LD_PRELOAD"),
                Map.of("credential", name, "env", "no name"),
                Map.of("credential", name, "env", "TAKEN")));
    uses.forEach(
        (pointer, wrong) ->
            wrong.forEach(
                use -> {
                  var answer =
                      supervisor.post(
                          "/acme/task",
                          Map.of(
                              "name", "any",
                              "host_id", agent.host(),
                              "env", Map.of("TAKEN", "x"),
                              "script", Map.of("filename", "x.sh", "content", "exit 0"),
                              "credentials", List.of(use)));
                  assertThat(answer.status()).describedAs(use.toString()).isEqualTo(400);
                  assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
                }));
  }

  private Outcome outcome(String job) {
    return MessageJson.mapper().treeToValue(work.job(job).at("/outcome"), Outcome.class);
  }

  private static Answer make(Map<String, ?> credential) {
    return supervisor.post("/acme/credential", credential);
  }

  private static Answer put(String id, Map<String, ?> credential) {
    return supervisor.put("/acme/credential/" + id, credential);
  }

  private static Answer as(@Nullable String token, String path) {
    return supervisor.send(
        supervisor.request(path).header("Authorization", "Bearer " + token).GET());
  }

  private static Answer delete(String id) {
    return supervisor.send(
        supervisor
            .request("/acme/credential/" + id)
            .header("Authorization", "Bearer " + supervisor.token())
            .method("DELETE", BodyPublishers.noBody()));
  }
}
