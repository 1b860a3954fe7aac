package io.capataz.supervisor.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
