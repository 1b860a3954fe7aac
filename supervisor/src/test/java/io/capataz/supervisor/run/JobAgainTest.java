package io.capataz.supervisor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A person runs a job once more, gives a held one other input, or empties a task's queue. */
class JobAgainTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task =
      work.taskOn(
          agent,
          Map.of(
              "task_arguments",
              List.of(
                  Map.of("type", "input", "label", "who"),
                  Map.of("type", "input", "label", "secret", "masked", true),
                  Map.of("type", "file", "label", "what", "required", false))));

  @Test
  void a_job_that_has_ended_is_run_once_more_as_another_job() {
    var old = ended(List.of("you", "hush", file("content")));

    var again = supervisor.put("/acme/job/" + old + "/restart");

    assertThat(again.status()).describedAs(again.raw().body()).isEqualTo(200);
    assertThat(again.text("/id")).isNotEqualTo(old);
    assertThat(again.text("/restarted_from")).isEqualTo(old);
    assertThat(again.raw().body()).doesNotContain("hush");
    assertThat(work.status(old)).isEqualTo("succeeded");
    var order = agent.claimOne();
    assertThat(order.arguments()).startsWith("you", "hush");
    assertThat(order.files().getFirst().content().asUtf8()).isEqualTo("content");
    assertThat(order.files().getFirst().filename()).isEqualTo("note.txt");
  }

  /** The task may have changed since: what was a secret when it was given stays one. */
  @Test
  void a_masked_argument_stays_masked_when_its_job_is_restarted() {
    var old = ended(List.of("you", "hush", ""));
    var unmasked =
        List.of(
            Map.of("type", "input", "label", "secret"),
            Map.of("type", "input", "label", "who"),
            Map.of("type", "file", "label", "what", "required", false));
    assertThat(
            supervisor
                .sendAs(
                    supervisor.token(),
                    "PATCH",
                    "/acme/task/" + task,
                    Map.of("task_arguments", unmasked))
                .status())
        .isEqualTo(200);

    var again = supervisor.put("/acme/job/" + old + "/restart");

    assertThat(again.status()).describedAs(again.raw().body()).isEqualTo(200);
    assertThat(again.raw().body()).doesNotContain("hush");
    assertThat(work.job(again.text("/id")).toString()).doesNotContain("hush");
    assertThat(agent.claimOne().arguments()).startsWith("you", "hush");
  }

  @Test
  void it_may_be_given_other_arguments_and_they_are_checked() {
    var old = ended(List.of("you", "hush", ""));

    var again =
        supervisor.put(
            "/job/" + old + "/restart", Map.of("task_arguments", List.of("them", "shh", "")));
    assertThat(again.text("/task_arguments_values/0")).isEqualTo("them");
    var wrong = supervisor.put("/job/" + old + "/restart", Map.of("task_arguments", List.of()));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.text("/errors/0/pointer")).isEqualTo("/task_arguments");
  }

  @Test
  void a_job_that_goes_on_is_not_restarted() {
    var job = work.post(task, arguments("you"));

    var answer = supervisor.put("/job/" + job + "/restart");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.text("/code")).isEqualTo("not_ended");
  }

  @Test
  void a_held_job_is_given_other_input_and_starts() {
    var job = held("you");

    var given =
        supervisor.put(
            "/job/" + job + "/input", Map.of("args", List.of("them", "shh", file("other"))));

    assertThat(given.status()).describedAs(given.raw().body()).isEqualTo(200);
    assertThat(given.text("/status")).isEqualTo("ready");
    assertThat(supervisor.get("/job/" + job + "/input").raw().body())
        .isEqualTo("[\"them\",\"********\",\"note.txt\"]");
    var order = agent.claimOne();
    assertThat(order.arguments()).startsWith("them", "shh");
    assertThat(order.files().getFirst().content().asUtf8()).isEqualTo("other");
  }

  @Test
  void only_a_held_job_is_given_input_and_only_what_the_task_takes() {
    var ready = work.post(task, arguments("you"));
    assertThat(
            supervisor
                .put("/job/" + ready + "/input", Map.of("args", List.of("a", "b", "")))
                .text("/code"))
        .isEqualTo("not_held");

    var held = held("you");
    assertThat(pointer(supervisor.put("/job/" + held + "/input", Map.of())))
        .isEqualTo("/task_arguments");
    assertThat(pointer(supervisor.put("/job/" + held + "/input", Map.of("args", List.of()))))
        .isEqualTo("/task_arguments");
    assertThat(
            pointer(
                supervisor.put(
                    "/job/" + held + "/input",
                    Map.of("args", List.of("a", "b", ""), "surprise", 1))))
        .isEqualTo("/surprise");
    assertThat(work.status(held)).isEqualTo("held");
  }

  @Test
  void a_tasks_queue_is_emptied_of_what_has_not_started() {
    var ended = ended(List.of("a", "b", ""));
    work.post(task, arguments("running"));
    var running = agent.claimOne();
    var waiting = List.of(work.post(task, arguments("ready")), held("held"));

    var emptied = delete("");

    assertThat(emptied.status()).isEqualTo(200);
    assertThat(emptied.raw().body()).isEqualTo("{\"canceled\":2,\"deleted\":0,\"deletedCount\":2}");
    assertThat(waiting).allMatch(job -> work.status(job).equals("canceled"));
    assertThat(work.status(running.job())).isEqualTo("assigned");
    assertThat(work.status(ended)).isEqualTo("succeeded");
    assertThat(delete("").body().get("deletedCount").asInt()).isZero();
  }

  @Test
  void with_lifecycles_ended_jobs_are_removed_too_with_all_they_had() {
    var ended = ended(List.of("a", "b", file("x")));
    var canceled = held("x");
    supervisor.put("/job/" + canceled + "/cancel");

    var emptied = delete("?lifecycle%5B%5D=finished&lifecycle%5B%5D=ready");

    assertThat(emptied.body().get("deleted").asInt()).isOne();
    assertThat(supervisor.get("/job/" + ended).status()).isEqualTo(404);
    assertThat(supervisor.get("/job/" + ended + "/output").status()).isEqualTo(404);
    assertThat(work.status(canceled)).isEqualTo("canceled");
    assertThat(delete("?lifecycle=dead").text("/errors/0/pointer")).isEqualTo("/lifecycle");
  }

  @Test
  void emptying_a_queue_is_for_administrators() {
    var answer =
        supervisor.send(
            supervisor
                .request("/acme/task/" + task + "/job")
                .header("Authorization", "Bearer " + supervisor.tokenWith(Role.MANAGER))
                .DELETE());

    assertThat(answer.status()).isEqualTo(403);
  }

  private Answer delete(String query) {
    return supervisor.send(
        supervisor
            .request("/acme/task/" + task + "/job" + query)
            .header("Authorization", "Bearer " + supervisor.token())
            .DELETE());
  }

  private String ended(List<String> arguments) {
    var job = work.post(task, Map.of("task_arguments", arguments));
    var order = agent.claimOne();
    agent.started(order);
    agent.end(order, new Outcome.Succeeded());
    return job;
  }

  private String held(String who) {
    return work.post(task, Map.of("task_arguments", List.of(who, "s", ""), "hold", true));
  }

  private static Map<String, ?> arguments(String who) {
    return Map.of("task_arguments", List.of(who, "s", ""));
  }

  private static String file(String content) {
    return "data:text/plain;name=note.txt;base64,"
        + Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
  }

  private static String pointer(Answer answer) {
    return answer.text("/errors/0/pointer");
  }
}
