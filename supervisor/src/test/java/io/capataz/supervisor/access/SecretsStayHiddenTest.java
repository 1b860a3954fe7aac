package io.capataz.supervisor.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Keys and tokens are neither in the store nor in the log, however they were sent. */
@ExtendWith(OutputCaptureExtension.class)
class SecretsStayHiddenTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @Test
  void no_secret_reaches_the_log(CapturedOutput output) {
    var task = task();
    var key = task.text("/secret");
    var id = task.text("/id");

    supervisor.postAs(null, "/acme/task/" + id + "/secret/" + key + "/job", Map.of());
    supervisor.postAs(null, "/acme/task/" + id + "/secret/" + key + "/mistyped", Map.of());
    supervisor.postAs(null, "/acme/task/" + id + "/secret/" + key + ";x/job", Map.of());
    supervisor.postAs(null, "/job/secret/" + key, "[not an object]");
    supervisor.send(supervisor.request("/acme/nothing?access_token=" + supervisor.token()).GET());
    supervisor.send(supervisor.request("/acme/task?access_token=" + supervisor.token()).DELETE());
    supervisor.postAs(agent.credential(), "/agent/v1/claims", Map.of("epoch", "x"));

    assertThat(output.getAll())
        .doesNotContain(secretPart(key))
        .doesNotContain(secretPart(supervisor.token()))
        .doesNotContain(secretPart(agent.credential()));
  }

  @Test
  void no_secret_is_in_the_store() {
    var key = task().text("/secret");

    var everything = everythingInTheStore();

    assertThat(everything).contains("sha256:");
    assertThat(everything)
        .doesNotContain(secretPart(key))
        .doesNotContain(secretPart(supervisor.token()))
        .doesNotContain(secretPart(agent.credential()));
  }

  @Test
  void the_secret_key_is_told_once() {
    var task = task();

    var again = supervisor.get("/acme/task/" + task.text("/id"));
    var list = supervisor.get("/acme/task");

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.raw().body() + list.raw().body())
        .doesNotContain(secretPart(task.text("/secret")))
        .doesNotContain("sha256:");
  }

  @Test
  void passwords_and_sessions_are_neither_in_the_log_nor_in_the_store(CapturedOutput output) {
    var person = TestPerson.loggedIn(supervisor, Role.USER);
    var token = person.send("POST", "/token", Map.of("name", "laptop")).text("/token");
    var guess = "a wrong guess " + UUID.randomUUID();
    var next = "the next one " + UUID.randomUUID();

    TestPerson.login(supervisor, person.email(), guess);
    supervisor.postAs(null, "/login", Map.of("email", person.email(), "pasword", guess));
    supervisor.send(
        supervisor
            .request("/login?password=" + guess.replace(' ', '+'))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"password\": " + guess)));
    supervisor.send(
        supervisor
            .request("/api/auth/login")
            .header("Authorization", "Basic " + guess)
            .POST(BodyPublishers.noBody()));
    supervisor.getAs(token, "/acme/task");
    var changed =
        person.send(
            "PUT",
            "/session/password",
            Map.of("old_password", person.password(), "password", next));

    assertThat(changed.status()).isEqualTo(200);
    for (var secret :
        List.of(
            person.password(),
            guess,
            next,
            secretPart(person.session()),
            secretPart(token),
            secretPart(changed.text("/access_token")))) {
      assertThat(output.getAll()).doesNotContain(secret);
      assertThat(everythingInTheStore()).doesNotContain(secret);
    }
  }

  private TestSupervisor.Answer task() {
    return supervisor.post(
        "/acme/task",
        Map.of(
            "name", "any",
            "host_id", agent.host(),
            "script", Map.of("filename", "x.sh", "content", "exit 0")));
  }

  private String everythingInTheStore() {
    var client = supervisor.context().getBean(MongoClient.class);
    List<String> documents = new ArrayList<>();
    for (var database : client.listDatabaseNames()) {
      for (var collection : client.getDatabase(database).listCollectionNames()) {
        client
            .getDatabase(database)
            .getCollection(collection)
            .find()
            .map(Document::toJson)
            .into(documents);
      }
    }
    return String.join("\n", documents);
  }

  /** All but the kind and the public id, with which a record is found. */
  private static String secretPart(String key) {
    return key.substring("cpz_xx_".length() + 16);
  }
}
