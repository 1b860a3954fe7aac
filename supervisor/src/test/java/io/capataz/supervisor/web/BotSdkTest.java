package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.Multipart;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The requests of the original's SDK for bots: it runs tasks, and creates or updates files. */
class BotSdkTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String token = "access_token=" + supervisor.token();

  @Test
  void it_runs_a_task_with_and_without_arguments() {
    var parameter = Map.of("type", "input", "label", "n", "required", false);
    var task = new TestWork(supervisor).taskOn(agent, Map.of("task_arguments", List.of(parameter)));
    var key = supervisor.get("/acme/task/" + task + "/credentials").text("/secret");
    var withToken = "/acme/task/" + task + "/job?customer=acme&" + token;
    var withKey = "/acme/task/" + task + "/secret/" + key + "/job";

    for (var path : List.of(withToken, withKey)) {
      var job = post(path, "{\"task_arguments\":[\"x\"]}").text("/id");
      assertThat(supervisor.get("/acme/job/" + job).text("/task_arguments_values/0"))
          .isEqualTo("x");
      // Without arguments its body is empty, although it says that there is JSON.
      assertThat(post(path, "").status()).isEqualTo(200);
      assertThat(post(path, "{\"task_arguments\":[1,2]}").text("/message")).contains("arguments");
    }
  }

  @Test
  void it_creates_a_file_or_updates_it() {
    var filename = "bot-" + UUID.randomUUID() + ".json";
    assertThat(named(filename).body().size()).isZero();

    var made = send("POST", "/acme/file?" + token, filename, "[]", "{\"a\":1}");
    var found = named(filename).body();
    var changed =
        send("PUT", "/acme/file/" + made.text("/id") + "?" + token, filename, "[\"user\"]", "{}");

    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    assertThat(found.size()).isEqualTo(1);
    assertThat(found.get(0).get("id").asString()).isEqualTo(made.text("/id"));
    assertThat(changed.status()).describedAs(changed.raw().body()).isEqualTo(200);
    assertThat(changed.body().get("acl").toString()).isEqualTo("[\"user\"]");
    var bytes = supervisor.get("/acme/file/" + made.text("/id") + "/download");
    assertThat(bytes.raw().body()).isEqualTo("{}");
  }

  private Answer named(String filename) {
    // Its brackets are not escaped; see FirstContactTest.
    return supervisor.send(
        supervisor.request("/acme/file?" + token + "&where%5Bfilename%5D=" + filename).GET());
  }

  private Answer send(String method, String path, String filename, String acl, String content) {
    var form =
        new Multipart()
            .field("acl", acl)
            .field("description", "")
            .field("extension", ".json")
            .field("mimetype", "")
            .file("file", filename, "application/json", content.getBytes(StandardCharsets.UTF_8));
    return supervisor.send(
        supervisor
            .request(path)
            .header("Content-Type", form.type())
            .method(method, BodyPublishers.ofByteArray(form.bytes())));
  }

  private Answer post(String path, String body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }
}
