package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.script.Script;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A script is sent as text, or byte for byte as a data URL. */
class ScriptUploadTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @Test
  void any_bytes_reach_the_agent_as_they_are() {
    var bytes = new byte[70_000];
    new Random(1).nextBytes(bytes);
    bytes[0] = 0x7f;
    bytes[1] = 'E';
    bytes[2] = 'L';
    bytes[3] = 'F';

    run(ok(task(Map.of("filename", "tool", "data", url(bytes)))));

    var script = agent.claimOne().script();
    assertThat(script.filename()).isEqualTo("tool");
    assertThat(script.content()).isEqualTo(Bytes.of(bytes));
    assertThat(script.digest()).isEqualTo(Bytes.of(bytes).sha256());
  }

  @Test
  void the_largest_one_is_taken_and_one_byte_more_is_not() {
    var largest = new byte[Script.MAX_BYTES];
    var tooLarge = new byte[Script.MAX_BYTES + 1];

    run(ok(task(Map.of("filename", "tool", "data", url(largest)))));

    assertThat(TestAgent.script(agent.claimOne())).isEqualTo(Bytes.of(largest));
    var refused = task(Map.of("filename", "tool", "data", url(tooLarge)));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/script/data");
    assertThat(refused.text("/errors/0/code")).isEqualTo("too_long");
  }

  @Test
  void a_text_is_measured_in_bytes_as_well() {
    var refused =
        task(Map.of("filename", "x.sh", "content", "\u00e9".repeat(Script.MAX_BYTES / 2 + 1)));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/script/content");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data:application/octet-stream;base64,aGk=",
        "data:;base64,aGk=",
        "data:text/plain;charset=utf-8;name=x.sh;base64,aGk",
        "DATA:text/x-sh;BASE64,aGk=",
        "aGk="
      })
  void what_stands_before_the_bytes_makes_no_difference(String url) {
    run(ok(task(Map.of("filename", "x.sh", "data", url))));

    assertThat(TestAgent.script(agent.claimOne()).asUtf8()).isEqualTo("hi");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "aGk==",
        "data:",
        "data:,hi",
        "data:base64,aGk=",
        "data:text/plain,hi",
        "data:text/plain;base64",
        "data:text/plain;base64;aGk=",
        "data:text;base64,aGk=",
        "data:text/plain;charset;base64,aGk=",
        "data:text/plain;base64,aGk==",
        "data:text/plain;base64,a",
        "data:text/plain;base64,aG k=",
        "data:text/plain;base64,aGk=\n",
        "data:text/plain;base64,aGk%3D",
        "data:text/plain;base64,-_-_",
        "data:text/plain;base64,",
        "http://example.org/x.sh"
      })
  void a_data_url_that_is_broken_or_empty_is_400(String url) {
    var refused = task(Map.of("filename", "x.sh", "data", url));

    assertThat(refused.status()).describedAs(refused.raw().body()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/script/data");
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"filename\": \"x\", \"content\": \"a\", \"data\": \"data:;base64,aGk=\"}', /script/data",
    "'{\"filename\": \"x\"}', /script/content",
    "'{\"filename\": \"x\", \"content\": null, \"data\": null}', /script/content",
    "'{\"filename\": \"x\", \"data\": 7}', /script/data",
    "'{\"filename\": \"x\", \"data\": [\"data:;base64,aGk=\"]}', /script/data",
    "'{\"filename\": \".\", \"content\": \"a\"}', /script/filename",
    "'{\"filename\": \"..\", \"content\": \"a\"}', /script/filename",
    "'{\"filename\": \"-rf\", \"content\": \"a\"}', /script/filename"
  })
  void exactly_one_of_the_two_and_a_name_that_is_one(String script, String pointer) {
    var refused = task(MessageJson.mapper().readTree(script));

    assertThat(refused.status()).describedAs(refused.raw().body()).isEqualTo(400);
    assertThat(refused.body().at("/errors").size()).isEqualTo(1);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo(pointer);
  }

  private static String url(byte[] bytes) {
    return "data:application/octet-stream;base64," + Base64.getEncoder().encodeToString(bytes);
  }

  private Answer task(Map<String, ?> script) {
    JsonNode json = MessageJson.mapper().valueToTree(script);
    return task(json);
  }

  private Answer task(JsonNode script) {
    return supervisor.post(
        "/acme/task", Map.of("name", "any", "host_id", agent.host(), "script", script));
  }

  private void run(Answer task) {
    ok(supervisor.post("/acme/task/" + task.text("/id") + "/job", Map.of()));
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }
}
