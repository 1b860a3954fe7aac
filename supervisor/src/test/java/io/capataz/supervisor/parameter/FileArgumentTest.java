package io.capataz.supervisor.parameter;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.MongoOperations;

/**
 * Arguments that are files: sent as data URLs, kept beside the job, given to the agent as bytes.
 */
class FileArgumentTest {

  private static final int MIB = 1024 * 1024;

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  private final String task =
      work.taskOn(
          agent,
          Map.of(
              "task_arguments",
              List.of(
                  Map.of("type", "fixed", "label", "mode", "value", "import"),
                  Map.of("type", "file", "label", "table"),
                  Map.of("type", "input", "label", "who"),
                  Map.of("type", "file", "label", "picture", "required", false))));

  @Test
  void a_file_reaches_the_agent_byte_for_byte_and_its_place_among_the_arguments_is_empty() {
    var bytes = new byte[100_000];
    new Random(1).nextBytes(bytes);

    run(url("text/csv;name=report.csv", bytes), "me", url("image/png", new byte[0]));

    var order = agent.claimOne();
    assertThat(order.arguments()).containsExactly("import", "", "me", "");
    assertThat(order.files())
        .containsExactly(
            new FileArgument(1, "report.csv", Bytes.of(bytes)),
            new FileArgument(3, "file", Bytes.of(new byte[0])));
  }

  @Test
  void the_job_shows_its_name_and_size_and_never_its_content() {
    var content = "find me".getBytes(StandardCharsets.UTF_8);
    var posted = run(url("text/csv;name=report.csv", content), "me", null);

    var job = supervisor.get("/acme/job/" + posted.text("/id"));
    for (var answer : List.of(posted, job, supervisor.get("/acme/job?task=" + task))) {
      assertThat(answer.raw().body())
          .doesNotContain("find me")
          .doesNotContain(Base64.getEncoder().encodeToString(content));
    }
    assertThat(job.body().at("/task_arguments_values").valueStream().map(n -> n.asString()))
        .containsExactly("import", "report.csv", "me", "");
    assertThat(job.body().at("/files").size()).isEqualTo(1);
    assertThat(job.body().at("/files/0/argument").asInt()).isEqualTo(1);
    assertThat(job.text("/files/0/filename")).isEqualTo("report.csv");
    assertThat(job.body().at("/files/0/size").asInt()).isEqualTo(7);
  }

  @Test
  void a_file_that_is_not_required_may_be_left_out() {
    run(url("text/csv", new byte[1]), "me", "");

    assertThat(agent.claimOne().files()).extracting(FileArgument::place).containsExactly(1);
  }

  @Test
  void a_file_is_given_again_with_each_attempt_and_each_repeated_claim() {
    var retried =
        work.taskOn(
            agent,
            Map.of(
                "task_arguments", List.of(Map.of("type", "file")),
                "max_attempts", 2,
                "retry_delay", 0));
    work.post(retried, Map.of("task_arguments", List.of(url("text/csv", new byte[] {7}))));
    var claim = TestAgent.newClaimId();

    var first = agent.claim(claim, 1);

    assertThat(first.getFirst().files().getFirst().content()).isEqualTo(Bytes.of(new byte[] {7}));
    assertThat(agent.claim(claim, 1)).isEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource({
    "report.csv, report.csv",
    "r%C3%A9sum%C3%A9%20(1).pdf, r_sum___1_.pdf",
    "..%2F..%2Fetc%2Fpasswd, passwd",
    "C:%5Cdata%5Cx.txt, x.txt",
    "C:\\data\\x.txt, x.txt",
    "-rf, _rf",
    "--force, _-force",
    "100%.txt, 100_.txt",
    ".., file",
    "., file",
    "'', file",
    "dir%2F, file",
    "%00, _",
    ".bashrc, .bashrc"
  })
  void a_name_is_made_one_that_can_be_no_path_and_no_option(String said, String name) {
    run(url("text/csv;name=" + said, new byte[1]), "me", null);

    assertThat(agent.claimOne().files().getFirst().filename()).isEqualTo(name);
  }

  @Test
  void of_a_name_that_is_too_long_the_end_is_kept() {
    run(url("text/csv;name=" + "x".repeat(1_000) + ".csv", new byte[1]), "me", null);

    assertThat(agent.claimOne().files().getFirst().filename()).hasSize(200).endsWith("x.csv");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "data:,hello",
        "data:text/csv;name=report.csv,aGk=",
        "data:text/csv;base64,not base64",
        "data:text/csv;base64",
        "http://example.org/report.csv",
        "/etc/passwd"
      })
  void what_is_no_data_url_is_400_before_a_job_exists(String value) {
    var answer = post(value, "me", null);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/task_arguments/0");
    assertThat(answer.text("/errors/0/code")).isEqualTo("invalid_data_url");
    assertThat(supervisor.get("/acme/job?task=" + task).body().size()).isZero();
  }

  @Test
  void a_file_that_is_required_and_not_there_is_400() {
    assertThat(post(null, "me", null).text("/errors/0/code")).isEqualTo("required");
  }

  @Test
  void a_text_that_looks_like_a_file_is_still_a_text() {
    var text = url("text/csv", new byte[1]);

    run(url("text/csv", new byte[1]), text, null);

    assertThat(agent.claimOne().arguments()).containsExactly("import", "", text, "");
  }

  @Test
  void one_mebibyte_each_and_four_together_and_not_a_byte_more() {
    var five =
        work.taskOn(
            agent,
            Map.of(
                "task_arguments",
                Collections.nCopies(5, Map.of("type", "file", "required", false))));
    var large = url("text/csv", new byte[MIB]);

    var most = postTo(five, large, large, large, large, null);
    var oneByteMore = postTo(five, large, large, large, large, url("text/csv", new byte[1]));
    var tooLarge = postTo(five, url("text/csv", new byte[MIB + 1]), null, null, null, null);

    assertThat(most.status()).describedAs(most.raw().body()).isEqualTo(200);
    assertThat(oneByteMore.status()).isEqualTo(400);
    assertThat(oneByteMore.text("/errors/0/pointer")).isEqualTo("/task_arguments");
    assertThat(tooLarge.status()).isEqualTo(400);
    assertThat(tooLarge.text("/errors/0/pointer")).isEqualTo("/task_arguments/0");
    assertThat(agent.claimOne().files()).hasSize(4);
  }

  @Test
  void an_answer_to_a_claim_is_no_larger_than_agents_read_and_the_rest_comes_with_the_next() {
    var two =
        work.taskOn(
            agent, Map.of("task_arguments", Collections.nCopies(4, Map.of("type", "file"))));
    var large = url("text/csv", new byte[MIB]);
    for (var i = 0; i < 4; i++) {
      assertThat(postTo(two, large, large, large, large).status()).isEqualTo(200);
    }

    assertThat(agent.claim(TestAgent.newClaimId(), 4)).hasSize(2);
    assertThat(agent.claim(TestAgent.newClaimId(), 4)).hasSize(2);
  }

  @Test
  void a_form_may_send_one_as_well() {
    var url = url("text/csv;name=a+b.csv", new byte[] {(byte) 0xfb, (byte) 0xff, 0});
    var encoded = URLEncoder.encode(url, StandardCharsets.UTF_8);

    var answer =
        supervisor.send(
            supervisor
                .request("/acme/task/" + task + "/job")
                .header("Authorization", "Bearer " + supervisor.token())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    BodyPublishers.ofString(
                        "task_arguments[]=%s&task_arguments[]=me&task_arguments[]="
                            .formatted(encoded))));

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    assertThat(agent.claimOne().files().getFirst().content())
        .isEqualTo(Bytes.of(new byte[] {(byte) 0xfb, (byte) 0xff, 0}));
  }

  @Test
  void the_same_idempotency_key_is_for_the_same_file() {
    var first = once("key", url("text/csv", new byte[] {1}));
    var again = once("key", url("text/csv", new byte[] {1}));
    var other = once("key", url("text/csv", new byte[] {2}));

    assertThat(again.text("/id")).isEqualTo(first.text("/id"));
    assertThat(other.status()).isEqualTo(422);
  }

  @Test
  void the_name_of_a_masked_file_is_not_shown_either() {
    var masked =
        work.taskOn(
            agent, Map.of("task_arguments", List.of(Map.of("type", "file", "masked", true))));

    var posted = postTo(masked, url("text/csv;name=s3cret.csv", new byte[] {1}));

    assertThat(posted.raw().body()).doesNotContain("s3cret");
    assertThat(agent.claimOne().secrets()).isEmpty();
  }

  @Test
  void a_file_that_is_gone_is_told_and_nothing_runs() {
    var job = run(url("text/csv", new byte[1]), "me", null).text("/id");
    supervisor
        .context()
        .getBean(MongoOperations.class)
        .getCollection("job_files")
        .deleteMany(new Document("_id", job + "/001"));

    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();

    assertThat(work.status(job)).isEqualTo("failed");
    assertThat(work.job(job).at("/outcome/type").asString()).isEqualTo("could_not_start");
  }

  @Test
  void a_task_may_not_fix_a_file_nor_let_jobs_wait_for_those_with_the_same() {
    var fixed = make(Map.of("type", "file", "value", "data:;base64,"), Map.of());
    var key = make(Map.of("type", "file", "label", "f"), Map.of("concurrency_key", "f"));

    assertThat(fixed.status()).isEqualTo(400);
    assertThat(fixed.text("/errors/0/pointer")).isEqualTo("/task_arguments/0/value");
    assertThat(key.status()).isEqualTo(400);
    assertThat(key.text("/errors/0/pointer")).isEqualTo("/concurrency_key");
  }

  private Answer make(Map<String, ?> argument, Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.putAll(
        Map.of(
            "name", "any",
            "host_id", agent.host(),
            "script", Map.of("filename", "x.sh", "content", "exit 0"),
            "task_arguments", List.of(argument)));
    return supervisor.post("/acme/task", body);
  }

  private static String url(String type, byte[] bytes) {
    return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }

  private Answer run(@Nullable String... arguments) {
    var posted = post(arguments);
    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    return posted;
  }

  private Answer post(@Nullable String... arguments) {
    return postTo(task, arguments);
  }

  private Answer postTo(String to, @Nullable String... arguments) {
    return supervisor.post(
        "/acme/task/" + to + "/job", Map.of("task_arguments", Arrays.asList(arguments)));
  }

  private Answer once(String key, String file) {
    return supervisor.send(
        supervisor
            .request("/acme/task/" + task + "/job")
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(
                BodyPublishers.ofByteArray(
                    MessageJson.write(Map.of("task_arguments", Arrays.asList(file, "me", null))))));
  }
}
