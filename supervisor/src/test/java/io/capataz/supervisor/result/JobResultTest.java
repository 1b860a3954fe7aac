package io.capataz.supervisor.result;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A caller waits for the end of a job, in the way of RFC 7240 or in that of seed 004's system. */
class JobResultTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Answer made =
      supervisor.post(
          "/acme/task",
          Map.of(
              "name",
              "waited for",
              "host_id",
              agent.host(),
              "script",
              Map.of("filename", "x.sh", "content", "exit 0")));
  private final String task = made.text("/id");
  private final String secret = made.text("/secret");

  @Test
  void who_prefers_to_wait_is_answered_with_the_ended_job() throws Exception {
    var waiting =
        CompletableFuture.supplyAsync(
            () -> run("/acme/task/" + task + "/job", "respond-async, wait=30", "{}"));
    var order = claimed();
    agent.returned(order, new Outcome.Succeeded(), Map.of("data", "done"));

    var answer = waiting.get(10, TimeUnit.SECONDS);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text("/status")).isEqualTo("succeeded");
    assertThat(answer.text("/output/0")).isEqualTo("done");
    assertThat(answer.raw().headers().firstValue("Preference-Applied")).hasValue("wait=30");
  }

  @Test
  void whose_time_is_over_is_answered_with_the_job_as_it_is() {
    var answer = run("/acme/task/" + task + "/job", "wait=0", "{}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text("/status")).isEqualTo("ready");
    assertThat(answer.raw().headers().firstValue("Preference-Applied")).hasValue("wait=0");
  }

  @Test
  void a_preference_is_bounded_and_what_is_no_number_is_none() {
    assertThat(WaitPreference.read("wait=3600")).hasValue(WaitPreference.LONGEST);
    assertThat(WaitPreference.read("Wait = \"7\"; foo=bar").orElseThrow().toSeconds()).isEqualTo(7);
    assertThat(WaitPreference.read("wait=soon, handling=strict")).isEmpty();
    assertThat(WaitPreference.read(null)).isEmpty();
  }

  @Test
  void wait_result_leads_to_the_result() throws Exception {
    var posted =
        run("/acme/task/" + task + "/job?parse=0&timeout=20", null, "{\"wait_result\": true}");

    assertThat(posted.status()).isEqualTo(303);
    assertThat(posted.text("/lifecycle")).isEqualTo("ready");
    var location = location(posted);
    assertThat(location)
        .isEqualTo("/job/" + posted.text("/id") + "/result?parse=0&counter=0&limit=10&timeout=20");

    var waiting = CompletableFuture.supplyAsync(() -> supervisor.get(location));
    agent.returned(claimed(), new Outcome.Succeeded(), Map.of("data", Map.of("sum", 42)));
    var result = waiting.get(10, TimeUnit.SECONDS);
    assertThat(result.status()).isEqualTo(200);
    assertThat(result.body().get("sum").asInt()).isEqualTo(42);
    assertThat(supervisor.post(location, Map.of()).body()).isEqualTo(result.body());
    assertThat(supervisor.get("/acme" + location).body()).isEqualTo(result.body());
  }

  @Test
  void a_run_by_secret_key_leads_to_the_result_by_the_jobs_own_key_which_stands_nowhere_else() {
    var posted =
        supervisor.postAs(
            null, "/acme/task/" + task + "/secret/" + secret + "/job?wait_result=true", Map.of());
    var location = location(posted);
    var key = location.split("/", -1)[4];

    assertThat(posted.status()).isEqualTo(303);
    assertThat(location).startsWith("/job/" + posted.text("/id") + "/secret/cpz_jk_");
    assertThat(posted.raw().body()).doesNotContain(key);
    agent.returned(claimed(), new Outcome.Succeeded(), List.of("{\"a\": 1}"));
    assertThat(supervisor.send(supervisor.request(location).GET()).text("/a")).isEqualTo("1");
    assertThat(work.job(posted.text("/id")).toString()).doesNotContain(key).doesNotContain("cpz_");
    assertThat(posted.body().has("user")).isFalse();

    var other = work.post(task, Map.of("hold", true));
    for (var path :
        List.of(
            "/job/" + other + "/secret/" + key + "/result",
            "/job/" + posted.text("/id") + "/secret/" + secret + "/result",
            "/job/" + posted.text("/id") + "/secret/x/result")) {
      assertThat(supervisor.send(supervisor.request(path).GET()).status()).isEqualTo(404);
    }
  }

  @Test
  void a_repeated_run_leads_to_the_same_job_by_another_key_and_both_are_good() {
    var path = "/acme/task/" + task + "/secret/" + secret + "/job?wait_result=true";
    var first = once(path);
    var again = once(path);

    assertThat(again.text("/id")).isEqualTo(first.text("/id"));
    assertThat(location(again)).isNotEqualTo(location(first));
    agent.returned(claimed(), new Outcome.Succeeded(), List.of("1"));
    for (var answer : List.of(first, again)) {
      assertThat(supervisor.send(supervisor.request(location(answer)).GET()).status())
          .isEqualTo(200);
    }
  }

  @Test
  void a_token_is_not_repeated_in_the_address_and_the_address_is_good_without_it() {
    var posted =
        supervisor.postAs(
            null,
            "/job",
            Map.of("task", task, "access_token", supervisor.token(), "wait_result", "true"));

    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(303);
    assertThat(location(posted)).doesNotContain("access_token").contains("/secret/cpz_jk_");
  }

  @Test
  void nonsense_in_wait_result_is_400_and_makes_no_job() {
    var answer = run("/acme/task/" + task + "/job", null, "{\"wait_result\": 7}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/wait_result");
    assertThat(supervisor.get("/acme/job?task=" + task).body().isEmpty()).isTrue();
  }

  @Test
  void who_asks_too_early_is_led_on_until_the_limit() {
    var input =
        new ApiInput(
            null,
            Map.of(
                "counter", List.of("1"),
                "limit", List.of("2"),
                "timeout", List.of("3"),
                "full", List.of("")));
    var asked = ResultAddress.read("/job/x/result", input);

    assertThat(asked.timeout()).isEqualTo(10);
    assertThat(JobResultController.later(asked).getHeaders().getLocation())
        .hasToString("/job/x/result?full&counter=2&limit=2&timeout=10");
    Assertions.assertThatThrownBy(() -> JobResultController.later(asked.next().orElseThrow()))
        .isInstanceOfSatisfying(
            ApiProblem.class, problem -> assertThat(problem.status().value()).isEqualTo(408));
    assertThat(ResultAddress.read("/x", new ApiInput(null, Map.of())).timeout()).isEqualTo(60);
  }

  @Test
  void a_result_has_the_forms_of_seed_004s_system() {
    var order = claimedNew();
    agent.print(order, Stream.STDOUT, 0, "one\ntwo\n");
    agent.returned(
        order, new Outcome.ExitedWith(3), Map.of("state", "failure", "data", List.of("a", 7)));

    var result = result(order, "result").body();
    assertThat(result.get("log").asString()).isEqualTo("one\ntwo\n");
    assertThat(result.get("lastline").asString()).isEqualTo("two");
    assertThat(result.get("killed").asBoolean()).isFalse();
    assertThat(result.at("/times/seconds").asInt()).isEqualTo(1);
    assertThat(result.at("/times/nanoseconds").asInt()).isEqualTo(234_000_000);
    assertThat(result.at("/user/username").asString()).startsWith("token:");
    assertThat(result(order, "full").body()).isEqualTo(work.job(order.job()));
    assertThat(result(order, "parse=1&fields=a").raw().body()).isEqualTo("7");
    assertThat(result(order, "output").raw().body()).isEqualTo("[\"a\",\"7\"]");
    var parsed = result(order, "parse=1");
    assertThat(parsed.raw().body()).isEqualTo("7");
    assertThat(parsed.status()).describedAs("a job that did not succeed").isEqualTo(500);
    assertThat(result(order, "parse=9").text("/code")).isEqualTo("no_json_output");
    assertThat(result(order, "").status()).isEqualTo(422);
  }

  @Test
  void a_script_may_write_the_answer_but_not_speak_for_the_supervisor() {
    var order = claimedNew();
    agent.returned(
        order,
        new Outcome.Succeeded(),
        Map.of(
            "data",
            Map.of(
                "response",
                Map.of(
                    "statusCode",
                    201,
                    "headers",
                    Map.of(
                        "Content-Type", "text/html",
                        "X-Script-Mine", 1,
                        "Set-Cookie", "a=b",
                        "Transfer-Encoding", "chunked",
                        "X-Frame-Options", "ALLOW",
                        "Location", "/elsewhere",
                        "X-Split", "a\r\nSet-Cookie: c=d"),
                    "body",
                    "<p>hello"))));

    var answer = result(order, "");

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.raw().body()).isEqualTo("<p>hello");
    var headers = answer.raw().headers();
    assertThat(headers.firstValue("Content-Type")).hasValue("text/html");
    assertThat(headers.firstValue("X-Script-Mine")).hasValue("1");
    assertThat(headers.firstValue("Location")).hasValue("/elsewhere");
    assertThat(headers.firstValue("Set-Cookie")).isEmpty();
    assertThat(headers.firstValue("X-Split")).isEmpty();
    assertThat(headers.allValues("X-Frame-Options")).doesNotContain("ALLOW");
    assertThat(headers.firstValue("Content-Security-Policy").orElse("")).contains("sandbox");
  }

  @ParameterizedTest
  @CsvSource({
    "X-Accel-Redirect, /etc/passwd",
    "X-Sendfile, /etc/passwd",
    "X-Mine, 1",
    "Location, https://evil.example",
    "Location, //evil.example",
    "Location, '/\\\\evil.example'",
    "Refresh, 0"
  })
  void a_header_that_proxies_or_browsers_act_on_is_not_a_scripts(String name, String value) {
    var order = claimedNew();
    agent.returned(
        order,
        new Outcome.Succeeded(),
        Map.of("data", Map.of("response", Map.of("headers", Map.of(name, value), "body", "x"))));

    assertThat(result(order, "").raw().headers().firstValue(name)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"99, 200", "1000, 200", "204, 204", "599, 599", "\"x\", 200"})
  void a_scripts_status_is_one_of_http(String code, int expected) {
    var order = claimedNew();
    agent.returned(
        order, new Outcome.Succeeded(), List.of("{\"statusCode\": " + code + ", \"a\": 1}"));

    assertThat(result(order, "").status()).isEqualTo(expected);
  }

  @Test
  void a_job_that_never_ran_has_no_answer_of_its_script() {
    var job = work.post(task, Map.of("hold", true));
    supervisor.put("/job/" + job + "/cancel");

    assertThat(supervisor.get("/job/" + job + "/result").text("/code")).isEqualTo("never_ran");
    assertThat(supervisor.get("/job/" + job + "/result?full").text("/status"))
        .isEqualTo("canceled");
    assertThat(supervisor.get("/job/" + job + "/result?output").raw().body()).isEqualTo("[]");
    assertThat(
            supervisor.getAs(supervisor.tokenWith(Role.USER), "/job/" + job + "/result").status())
        .describedAs("its task is for administrators alone")
        .isEqualTo(404);
  }

  private Answer run(String path, @Nullable String prefer, String body) {
    var request =
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (prefer != null) {
      request.header("Prefer", prefer);
    }
    return supervisor.send(request);
  }

  private Answer once(String path) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Idempotency-Key", "the same")
            .POST(BodyPublishers.noBody()));
  }

  private WorkOrder claimedNew() {
    work.post(task);
    return claimed();
  }

  /** Claims the job as soon as it is there. */
  private WorkOrder claimed() {
    var claim = TestAgent.newClaimId();
    List<WorkOrder> orders = List.of();
    for (var tries = 0; tries < 1_000 && orders.isEmpty(); tries++) {
      orders = agent.claim(claim.substring(0, 24) + tries, 1);
    }
    assertThat(orders).hasSize(1);
    agent.started(orders.getFirst());
    return orders.getFirst();
  }

  private Answer result(WorkOrder order, String form) {
    return supervisor.get("/job/" + order.job() + "/result?" + form);
  }

  private static String location(Answer answer) {
    return answer.raw().headers().firstValue("Location").orElse("");
  }
}
