package io.capataz.supervisor.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.Multipart;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A script is kept as a file, changed, looked at and removed; docs/scripts.md. */
class ScriptFileTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);

  @Test
  void an_uploaded_script_runs_in_every_task_that_names_it() {
    var agent = TestAgent.enrolled(supervisor);
    var file = file("hello.sh", "echo hello", Map.of("interpreter", List.of("bash", "-e")));

    work.post(task(agent, file));

    var script = agent.claimOne().script();
    assertThat(script.filename()).isEqualTo("hello.sh");
    assertThat(script.interpreter()).containsExactly("bash", "-e");
    assertThat(script.content()).isEqualTo(Bytes.utf8("echo hello"));
  }

  @Test
  void a_job_keeps_the_version_that_was_current_when_it_was_made() {
    var agent = TestAgent.enrolled(supervisor);
    var file = file("a.sh", "echo one", Map.of());
    var task = task(agent, file);
    var before = work.post(task);

    ok(put("/acme/file/" + file, Map.of("content", "echo two")));
    var after = work.post(task);

    var first = agent.claimOne();
    var second = agent.claimOne();
    assertThat(first.job()).isEqualTo(before);
    assertThat(TestAgent.script(first).asUtf8()).isEqualTo("echo one");
    assertThat(second.job()).isEqualTo(after);
    assertThat(TestAgent.script(second).asUtf8()).isEqualTo("echo two");
  }

  @Test
  void
      other_content_another_name_and_another_interpreter_are_versions_and_the_same_again_is_none() {
    var file = file("a.sh", "echo one", Map.of());

    assertThat(
            put("/acme/file/" + file, Map.of("content", "echo one")).body().at("/version").asInt())
        .isEqualTo(1);
    ok(put("/acme/file/" + file, Map.of("description", "says one", "tags", List.of("x"))));
    ok(put("/acme/file/" + file, Map.of("filename", "b.sh")));
    ok(put("/acme/file/" + file, Map.of("interpreter", List.of("bash"))));
    ok(put("/acme/file/" + file + "/upload", Map.of("content", "echo two")));

    var versions = ok(supervisor.get("/acme/file/" + file + "/version")).body();
    assertThat(versions.findValuesAsString("version")).containsExactly("4", "3", "2", "1");
    assertThat(versions.findValuesAsString("filename"))
        .containsExactly("b.sh", "b.sh", "b.sh", "a.sh");
    assertThat(versions.at("/0/digest").asString()).isEqualTo(Bytes.utf8("echo two").sha256());
    assertThat(versions.at("/0/user").asString()).startsWith("token:");
    assertThat(versions.at("/3/interpreter").isMissingNode()).isTrue();
    assertThat(supervisor.get("/acme/file/" + file + "/version/1/download").raw().body())
        .isEqualTo("echo one");
    assertThat(supervisor.get("/acme/file/" + file + "/download").raw().body())
        .isEqualTo("echo two");
    var shown = ok(supervisor.get("/acme/file/" + file)).body();
    assertThat(shown.at("/description").asString()).isEqualTo("says one");
    assertThat(shown.at("/filename").asString()).isEqualTo("b.sh");
    assertThat(shown.at("/size").asInt()).isEqualTo(8);
    ok(put("/acme/file/" + file, Map.of("interpreter", List.of(), "description", "")));
    var bare = ok(supervisor.get("/acme/file/" + file)).body();
    assertThat(bare.has("interpreter")).isFalse();
    assertThat(bare.has("description")).isFalse();
    assertThat(supervisor.get("/acme/file/" + file + "/version/9/download").status())
        .isEqualTo(404);
    assertThat(supervisor.get("/acme/file/" + file + "/version/x/download").status())
        .isEqualTo(404);
  }

  @Test
  void changes_at_the_same_time_are_all_versions() {
    var file = file("a.sh", "echo 0", Map.of());

    var threads = new ArrayList<Thread>();
    for (var i = 1; i <= 4; i++) {
      var content = "echo " + i;
      threads.add(
          Thread.ofVirtual()
              .start(() -> put("/acme/file/" + file + "/upload", Map.of("content", content))));
    }
    threads.forEach(ScriptFileTest::join);

    var versions = ok(supervisor.get("/acme/file/" + file + "/version")).body();
    assertThat(versions.findValuesAsString("version")).containsExactly("5", "4", "3", "2", "1");
    assertThat(versions.findValuesAsString("digest")).doesNotHaveDuplicates();
  }

  @Test
  void who_has_seen_an_older_state_changes_nothing() {
    var file = file("a.sh", "echo one", Map.of());
    var seen =
        supervisor.get("/acme/file/" + file).raw().headers().firstValue("ETag").orElseThrow();
    ok(put("/acme/file/" + file, Map.of("description", "by somebody else")));

    for (var request :
        List.of(
            change(file, "").PUT(BodyPublishers.ofString("{\"content\": \"echo two\"}")),
            change(file, "/upload").PUT(BodyPublishers.ofString("{\"content\": \"echo two\"}")),
            change(file, "").DELETE())) {
      assertThat(supervisor.send(request.header("If-Match", seen)).status()).isEqualTo(412);
    }
    var now = supervisor.get("/acme/file/" + file).raw().headers().firstValue("ETag").orElseThrow();
    assertThat(supervisor.send(change(file, "").DELETE().header("If-Match", now)).status())
        .isEqualTo(204);
  }

  private HttpRequest.Builder change(String file, String route) {
    return supervisor
        .request("/acme/file/" + file + route)
        .header("Authorization", "Bearer " + supervisor.token())
        .header("Content-Type", "application/json");
  }

  @Test
  void a_download_is_for_saving_and_can_be_asked_for_again_cheaply() {
    var file = file("page.html", "<script>alert(1)</script>", Map.of());

    var download = supervisor.get("/acme/script/" + file + "/download");

    var headers = download.raw().headers();
    var digest = "\"" + Bytes.utf8("<script>alert(1)</script>").sha256() + "\"";
    assertThat(headers.firstValue("Content-Disposition"))
        .contains("attachment; filename=\"page.html\"");
    assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(headers.firstValue("Content-Type")).contains("text/html");
    assertThat(headers.firstValue("ETag")).contains(digest);
    var again =
        supervisor.send(
            supervisor
                .request("/acme/file/" + file + "/download")
                .header("Authorization", "Bearer " + supervisor.token())
                .header("If-None-Match", digest)
                .GET());
    assertThat(again.status()).isEqualTo(304);
    assertThat(supervisor.get("/acme/file/" + file + "/download?fields=id").status())
        .describedAs("bytes have no fields")
        .isEqualTo(400);
  }

  @Test
  void any_bytes_come_as_a_part_of_a_multipart_body_and_go_as_they_came() {
    var bytes = new byte[] {0, (byte) 0xff, '\r', '\n', '-', '-', 'x', 0x7f};

    var made =
        ok(
            send(
                "POST",
                "/acme/file",
                new Multipart()
                    .file("file", "tool.bin", "application/x-tool", bytes)
                    .field("description", "a tool")
                    .field("acl", "[\"user\", \"team:x\"]")
                    .field("tags[]", "a")
                    .field("tags[]", "b")
                    .field("extension", "bin")
                    .field("public", "false")));

    assertThat(made.text("/filename")).isEqualTo("tool.bin");
    assertThat(made.text("/extension")).isEqualTo("bin");
    assertThat(made.text("/mimetype")).isEqualTo("application/x-tool");
    assertThat(made.body().at("/acl").valueStream().map(JsonNode::asString))
        .containsExactly("user", "team:x");
    assertThat(made.body().at("/tags").valueStream().map(JsonNode::asString))
        .containsExactly("a", "b");
    assertThat(made.text("/digest")).isEqualTo(Bytes.of(bytes).sha256());
    var changed =
        ok(
            send(
                "PUT",
                "/acme/file/" + made.text("/id") + "/upload",
                new Multipart().file("file", "other name", "text/plain", new byte[] {1})));
    assertThat(changed.text("/filename")).isEqualTo("tool.bin");
    assertThat(changed.body().at("/version").asInt()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"data:text/x-sh;base64,ZWNobyBoaQ==", "ZWNobyBoaQ=="})
  void data_is_a_data_url_or_base64(String data) {
    var made = ok(supervisor.post("/acme/file", Map.of("filename", "a.sh", "data", data)));

    assertThat(made.text("/digest")).isEqualTo(Bytes.utf8("echo hi").sha256());
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"filename\": \"a.sh\"}', /content, required",
    "'{\"content\": \"a\"}', /filename, required",
    "'{\"filename\": \"../a.sh\", \"content\": \"a\"}', /filename, invalid_name",
    "'{\"filename\": \"-a.sh\", \"content\": \"a\"}', /filename, invalid_name",
    "'{\"filename\": \"a b.sh\", \"content\": \"a\"}', /filename, invalid_name",
    "'{\"filename\": \"a.sh\", \"content\": \"a\", \"data\": \"YQ==\"}', /data, conflict",
    "'{\"filename\": \"a.sh\", \"data\": \"not base64\"}', /data, invalid_data_url",
    "'{\"filename\": \"a.sh\", \"data\": \"\"}', /data, empty",
    "'{\"filename\": \"a.sh\", \"file\": \"a\"}', /file, wrong_type",
    "'{\"filename\": \"a.sh\", \"content\": \"a\", \"mimetype\": \"text\"}', /mimetype, wrong_form",
    "'{\"filename\": \"a.sh\", \"content\": \"a\", \"mimetype\": \"text/*\"}', /mimetype,"
        + " wrong_form",
    "'{\"filename\": \"a.sh\", \"content\": \"a\", \"acl\": [], \"acls\": []}', /acl, conflict",
    "'{\"filename\": \"a.sh\", \"content\": \"a\", \"acl\": [7]}', /acl/0, wrong_type",
    "'{\"filename\": \"a.sh\", \"content\": \"a\", \"interpreter\": [\" \"]}', /interpreter, empty",
    "'{\"filename\": \"a.sh\", \"content\": \"a\", \"colour\": 1}', /colour, unknown_field"
  })
  void what_cannot_be_kept_is_400(String body, String pointer, String code) {
    var refused = supervisor.post("/acme/file", MessageJson.mapper().readTree(body));

    assertThat(refused.status()).describedAs(refused.raw().body()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo(pointer);
    assertThat(refused.text("/errors/0/code")).isEqualTo(code);
  }

  @Test
  void the_name_of_a_part_must_be_one_too_and_an_empty_part_is_none() {
    var refused =
        send("POST", "/acme/file", new Multipart().file("file", "ñandú.sh", "text/plain", b("x")));
    var empty =
        send("POST", "/acme/file", new Multipart().file("file", "a.sh", "text/plain", b("")));

    assertThat(refused.text("/errors/0/code")).isEqualTo("invalid_name");
    assertThat(empty.text("/errors/0/pointer")).isEqualTo("/file");
  }

  @Test
  void who_uses_it_is_told_and_keeps_it_from_being_removed() {
    var agent = TestAgent.enrolled(supervisor);
    var file = file("a.sh", "echo", Map.of("acl", List.of("viewer")));
    var task = task(agent, file);
    var viewer = supervisor.tokenWith(Role.VIEWER);

    var linked = ok(supervisor.get("/acme/file/" + file + "/linkedmodels")).body();
    var refused = delete("/acme/file/" + file);

    assertThat(linked.size()).isEqualTo(1);
    assertThat(linked.at("/0/id").asString()).isEqualTo(task);
    assertThat(linked.at("/0/_type").asString()).isEqualTo("Task");
    // The task is for administrators alone, and so is that it is there.
    assertThat(supervisor.getAs(viewer, "/acme/file/" + file + "/linkedmodels").body().size())
        .isZero();
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("in_use");
    assertThat(refused.text("/detail")).contains(task);
    assertThat(supervisor.get("/acme/file/" + file).status()).isEqualTo(200);
  }

  @Test
  void what_nobody_uses_is_removed_and_jobs_made_before_still_run() {
    var agent = TestAgent.enrolled(supervisor);
    var file = file("a.sh", "echo old", Map.of());
    var other = file("b.sh", "echo", Map.of());
    var task = task(agent, file);
    work.post(task);
    useInstead(task, other, agent);

    assertThat(delete("/acme/file/" + file).status()).isEqualTo(204);

    assertThat(supervisor.get("/acme/file/" + file).status()).isEqualTo(404);
    assertThat(delete("/acme/file/" + file).status()).isEqualTo(404);
    assertThat(TestAgent.script(agent.claimOne()).asUtf8()).isEqualTo("echo old");
  }

  @Test
  void a_script_that_came_with_its_task_goes_on_working_and_administrators_see_it() {
    var agent = TestAgent.enrolled(supervisor);
    var task = work.taskOn(agent, Map.of());
    var script = supervisor.get("/acme/task/" + task).text("/script_id");

    assertThat(ok(supervisor.get("/acme/script/" + script)).text("/filename")).isEqualTo("x.sh");
    assertThat(supervisor.get("/acme/script/" + script + "/download").raw().body())
        .isEqualTo("exit 0");
    assertThat(supervisor.get("/acme/script/" + script + "/linkedmodels").body().size())
        .isEqualTo(1);
    assertThat(supervisor.getAs(supervisor.tokenWith(Role.USER), "/acme/script/" + script).status())
        .isEqualTo(404);
    work.post(task);
    assertThat(TestAgent.script(agent.claimOne()).asUtf8()).isEqualTo("exit 0");
  }

  @Test
  void only_those_whom_the_acl_names_see_it_and_only_users_have_its_content() {
    var hidden = file("a.sh", "echo", Map.of());
    var shown = file("b.sh", "echo", Map.of("acl", List.of("viewer", "user")));
    var viewer = supervisor.tokenWith(Role.VIEWER);
    var user = supervisor.tokenWith(Role.USER);

    for (var path : List.of("", "/version", "/linkedmodels")) {
      assertThat(supervisor.getAs(viewer, "/acme/file/" + hidden + path).status()).isEqualTo(404);
      assertThat(supervisor.getAs(viewer, "/acme/file/" + shown + path).status()).isEqualTo(200);
    }
    assertThat(supervisor.getAs(user, "/acme/file/" + hidden + "/download").status())
        .isEqualTo(404);
    assertThat(supervisor.getAs(user, "/acme/file/" + shown + "/download").status()).isEqualTo(200);
    assertThat(supervisor.getAs(viewer, "/acme/file/" + shown + "/download").status())
        .isEqualTo(403);
    assertThat(supervisor.getAs(viewer, "/acme/file/" + shown + "/version/1/download").status())
        .isEqualTo(403);
    assertThat(supervisor.postAs(user, "/acme/file", Map.of()).status()).isEqualTo(403);
    var listed =
        supervisor.getAs(viewer, "/acme/file?filename=a.sh&filename=b.sh&limit=1000").body();
    assertThat(listed.findValuesAsString("id")).contains(shown).doesNotContain(hidden);
  }

  @Test
  void files_are_listed_page_by_page() {
    var tag = UUID.randomUUID().toString();
    for (var name : List.of("c.sh", "a.sh", "b.sh")) {
      file(name, "echo", Map.of("tags", List.of(tag)));
    }

    var first = ok(supervisor.get("/acme/script?limit=2&tags=" + tag));
    var cursor = first.raw().headers().firstValue("X-Next-Cursor").orElseThrow();
    var second = ok(supervisor.get("/acme/file?limit=2&tags=" + tag + "&cursor=" + cursor));

    assertThat(first.body().findValuesAsString("filename")).containsExactly("a.sh", "b.sh");
    assertThat(second.body().findValuesAsString("filename")).containsExactly("c.sh");
    assertThat(
            supervisor
                .get("/acme/file?sort=-filename&fields=filename&tags=" + tag)
                .body()
                .findValuesAsString("filename"))
        .containsExactly("c.sh", "b.sh", "a.sh");
  }

  private String file(String filename, String content, Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.put("filename", filename);
    body.put("content", content);
    return ok(supervisor.post("/acme/file", body)).text("/id");
  }

  private String task(TestAgent agent, String file) {
    return ok(supervisor.post(
            "/acme/task", Map.of("name", "uses it", "host_id", agent.host(), "script_id", file)))
        .text("/id");
  }

  private void useInstead(String task, String file, TestAgent agent) {
    ok(
        put(
            "/acme/task/" + task,
            Map.of("name", "uses it", "host_id", agent.host(), "script_id", file)));
  }

  private Answer put(String path, Object body) {
    return supervisor.put(path, body);
  }

  private Answer delete(String path) {
    return supervisor.send(
        supervisor.request(path).header("Authorization", "Bearer " + supervisor.token()).DELETE());
  }

  private Answer send(String method, String path, Multipart body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", body.type())
            .method(method, BodyPublishers.ofByteArray(body.bytes())));
  }

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }
}
