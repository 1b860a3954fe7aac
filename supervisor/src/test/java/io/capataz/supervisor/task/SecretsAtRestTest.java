package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.mongodb.core.MongoOperations;

/** Whoever has the whole store and all logs has none of the secrets that tasks were given. */
@ExtendWith(OutputCaptureExtension.class)
class SecretsAtRestTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  /** Its JSON differs from itself. */
  private final String canary = "c\"n\\ry-" + UUID.randomUUID();

  private final String credential = "credential-" + UUID.randomUUID();

  @Test
  void neither_the_store_nor_the_log_holds_a_masked_value(CapturedOutput log) {
    make("text", Map.of("value", "text " + canary));
    make("file", Map.of("value", "content " + canary, "filename", "key.pem"));
    make("pair", Map.of("user", "user " + canary, "password", "password " + canary));
    var task = task();
    change(task);
    var job = post(task, "first");
    var order = agent.claimOne();

    assertThat(order.arguments())
        .containsExactly("input " + canary, "", "fixed " + canary, "region");
    assertThat(order.environment())
        .containsEntry("TOKEN", "env " + canary)
        .containsEntry("USER_NAME", "user " + canary);
    assertThat(order.files().getFirst().content().asUtf8()).isEqualTo("file " + canary);
    assertThat(order.files().getFirst().filename()).isEqualTo("name-of-secret.txt");
    assertThat(order.secrets())
        .contains("input " + canary, "fixed " + canary, "env " + canary, "content " + canary);
    agent.started(order);
    agent.end(order, new Outcome.ExitedWith(1));
    assertThat(post(task, "first")).isEqualTo(job);
    var again = supervisor.put("/acme/job/" + job + "/restart", Map.of());
    assertThat(again.status()).describedAs(again.raw().body()).isEqualTo(200);
    var second = agent.claimOne();
    assertThat(second.arguments()).isEqualTo(order.arguments());
    assertThat(second.files().getFirst().content()).isEqualTo(order.files().getFirst().content());
    assertThat(second.job()).isNotEqualTo(job);

    var store = everything();
    assertThat(store).contains("sealed:k").contains("region");
    for (var form : forms(canary)) {
      assertThat(store.contains(form)).describedAs("the store holds " + form).isFalse();
      assertThat(log.getAll().contains(form)).describedAs("the log holds " + form).isFalse();
    }
    assertThat(store).doesNotContain("name-of-secret");
  }

  @Test
  void a_canary_in_any_of_these_forms_would_be_found() {
    var collection =
        supervisor
            .context()
            .getBean(MongoOperations.class)
            .getCollection("planted-" + canary.length());
    var bytes = ("x" + canary).getBytes(StandardCharsets.UTF_8);
    collection.insertOne(new Document("plain", "a" + canary).append("bytes", new Binary(bytes)));
    try {
      var store = everything();
      assertThat(forms(canary).stream().filter(store::contains)).hasSizeGreaterThanOrEqualTo(2);
    } finally {
      collection.drop();
    }
  }

  @Test
  void a_value_that_was_moved_within_the_store_is_not_given_to_a_script() {
    var task =
        task(Map.of("env", Map.of("A", "a " + canary, "B", "b"), "masked_env", List.of("A", "B")));
    var job = work.post(task);
    var jobs = supervisor.context().getBean(MongoOperations.class).getCollection("jobs");
    var kept = jobs.find(new Document("_id", new ObjectId(job))).first();
    assertThat(kept).isNotNull();
    var sealed = kept.getEmbedded(List.of("spec", "action", "environment"), Document.class);
    jobs.updateOne(
        new Document("_id", new ObjectId(job)),
        new Document("$set", new Document("spec.action.environment.B", sealed.get("A"))));

    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
    assertThat(work.job(job).at("/outcome").toString()).contains("changed or moved");
  }

  @Test
  void a_masked_value_that_cannot_be_read_keeps_its_task_from_running_and_not_from_being_seen() {
    var task = task(Map.of("env", Map.of("A", canary), "masked_env", List.of("A")));
    var other = task(Map.of("env", Map.of("A", canary), "masked_env", List.of("A")));
    var tasks = supervisor.context().getBean(MongoOperations.class).getCollection("tasks");
    var kept = tasks.find(new Document("_id", new ObjectId(other))).first();
    assertThat(kept).isNotNull();
    tasks.updateOne(
        new Document("_id", new ObjectId(task)),
        new Document(
            "$set",
            new Document(
                "action.environment.A",
                kept.getEmbedded(List.of("action", "environment"), Document.class).get("A"))));

    assertThat(supervisor.get("/acme/task/" + task).body().at("/env/A").asString())
        .isEqualTo("********");
    var refused = supervisor.post("/acme/task/" + task + "/job", Map.of());
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("secret_unreadable");
  }

  private void make(String type, Map<String, ?> holds) {
    var body = new java.util.HashMap<String, Object>(holds);
    body.put("name", credential + "-" + type);
    body.put("type", type);
    var made = supervisor.post("/acme/credential", body);
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(201);
  }

  private Map<String, Object> definition() {
    return Map.of(
        "task_arguments",
        List.of(
            Map.of("type", "input", "label", "password", "masked", true),
            Map.of("type", "file", "label", "key", "masked", true),
            Map.of("type", "fixed", "label", "fixed", "value", "fixed " + canary, "masked", true),
            Map.of("type", "fixed", "label", "region", "value", "region")),
        "env",
        Map.of("TOKEN", "env " + canary, "PLAIN", "plain"),
        "masked_env",
        List.of("TOKEN"),
        "concurrency_key",
        "password",
        "credentials",
        List.of(
            Map.of("credential", credential + "-text", "env", "TEXT"),
            Map.of("credential", credential + "-file", "file_env", "KEY_FILE"),
            Map.of(
                "credential",
                credential + "-pair",
                "user_env",
                "USER_NAME",
                "password_env",
                "PASSWORD")));
  }

  private String task() {
    return task(definition());
  }

  private String task(Map<String, ?> more) {
    return work.taskOn(agent, more);
  }

  /** So that there is a version of before, too. */
  private void change(String task) {
    var body = new java.util.HashMap<String, Object>(definition());
    body.put("name", "changed");
    body.put("host_id", agent.host());
    body.put("script", Map.of("filename", "x.sh", "content", "exit 0"));
    assertThat(supervisor.put("/acme/task/" + task, body).status()).isEqualTo(200);
  }

  private String post(String task, String once) {
    var posted =
        supervisor.send(
            supervisor
                .request("/acme/task/" + task + "/job")
                .header("Authorization", "Bearer " + supervisor.token())
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", once)
                .POST(
                    java.net.http.HttpRequest.BodyPublishers.ofByteArray(
                        MessageJson.write(
                            Map.of(
                                "task_arguments",
                                List.of(
                                    "input " + canary,
                                    "data:text/plain;name=name-of-secret.txt;base64,"
                                        + base64("file " + canary)))))));
    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    return posted.text("/id");
  }

  private String everything() {
    var client = supervisor.context().getBean(MongoClient.class);
    List<String> documents = new ArrayList<>();
    for (var database : client.listDatabaseNames()) {
      for (var collection : client.getDatabase(database).listCollectionNames()) {
        for (var document : client.getDatabase(database).getCollection(collection).find()) {
          documents.add(document.toJson());
          documents.add(document.toString());
        }
      }
    }
    return String.join("\n", documents);
  }

  /** As it is, as JSON has it, once and twice, and as base64 of any text that it is part of. */
  private static List<String> forms(String canary) {
    var forms = new ArrayList<String>();
    forms.add(canary);
    var json = new String(MessageJson.write(canary), StandardCharsets.UTF_8);
    forms.add(json.substring(1, json.length() - 1));
    var twice = new String(MessageJson.write(json), StandardCharsets.UTF_8);
    forms.add(twice.substring(3, twice.length() - 3));
    for (var before : List.of("", "x", "xx")) {
      var whole = base64(before + canary);
      // Without the digits that hold bits of the neighbours.
      forms.add(whole.substring(before.isEmpty() ? 0 : 4, whole.length() - 4));
    }
    return forms;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
