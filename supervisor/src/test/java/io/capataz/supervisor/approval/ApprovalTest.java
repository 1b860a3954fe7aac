package io.capataz.supervisor.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Approvals and inputs: who decides, how many it takes, and what becomes of the job. */
class ApprovalTest {

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final TestWork work = new TestWork(supervisor);

  private final TestPerson ann = TestPerson.loggedIn(supervisor, Role.VIEWER);
  private final TestPerson bob = TestPerson.loggedIn(supervisor, Role.USER, "team:legal");

  @Test
  void an_approval_waits_without_a_host_and_succeeds_when_it_is_approved() {
    var job = work.post(approval(Map.of("approvers", List.of(ann.email()))), arguments("v1.2"));

    var waiting = work.job(job);
    assertThat(waiting.at("/_type").asString()).isEqualTo("ApprovalJob");
    assertThat(waiting.at("/task/type").asString()).isEqualTo("approval");
    assertThat(waiting.at("/lifecycle").asString()).isEqualTo("onhold");
    assertThat(waiting.has("host_id")).isFalse();
    assertThat(waiting.at("/why/rule").asString()).isEqualTo("approval");
    assertThat(waiting.at("/why/message").asString())
        .isEqualTo("It has 0 of 1 approvals. Approvers: " + ann.email() + ".");

    assertThat(approve(ann, job).status()).isEqualTo(204);

    var approved = work.job(job);
    assertThat(approved.at("/state").asString()).isEqualTo("success");
    assertThat(approved.at("/lifecycle").asString()).isEqualTo("finished");
    assertThat(approved.at("/output/0").asString()).isEqualTo("v1.2");
    assertThat(approved.at("/output/1").asString()).contains(ann.email()).contains(ann.id());
    assertThat(approved.at("/result/user/email").asString()).isEqualTo(ann.email());
    assertThat(approved.at("/approvals/0/decision").asString()).isEqualTo("approved");
    assertThat(approved.at("/history/0/move").asString()).isEqualTo("approve");
    assertThat(approved.at("/history/0/by").asString()).isEqualTo("user:" + ann.email());
    var audited = supervisor.get("/acme/audit?limit=200").raw().body();
    assertThat(audited).contains("/approve\",\"object\":\"" + job + "\"");
  }

  @Test
  void a_rejected_approval_has_failed_and_says_who_rejected_it() {
    var job = work.post(approval(Map.of("approvers", List.of("team:legal"))), arguments("x"));

    var rejected =
        bob.send("PUT", "/job/" + job + "/reject", Map.of("comment", "not before the audit"));

    assertThat(rejected.status()).isEqualTo(204);
    var shown = work.job(job);
    assertThat(shown.at("/state").asString()).isEqualTo("failure");
    assertThat(shown.at("/lifecycle").asString()).isEqualTo("finished");
    assertThat(shown.at("/outcome/type").asString()).isEqualTo("rejected");
    assertThat(shown.at("/outcome/reason").asString()).isEqualTo(bob.email() + " rejected it.");
    assertThat(shown.at("/approvals/0/comment").asString()).isEqualTo("not before the audit");
    assertThat(
            supervisor
                .get("/acme/job?task=" + shown.at("/task_id").asString() + "&state=failure")
                .body()
                .size())
        .isOne();
  }

  @Test
  void the_checks_have_the_order_and_the_codes_of_the_original() {
    var job = work.post(approval(Map.of("approvers", List.of(ann.email()))), arguments("x"));
    var input = work.post(input(Map.of("acls", List.of("viewer"))));

    assertThat(approve(ann, input).status()).isEqualTo(400);
    assertThat(approve(bob, job).status()).describedAs("not visible to them").isEqualTo(404);
    var owner = supervisor.put("/acme/job/" + job + "/approve");
    assertThat(owner.status()).describedAs("administrators are no approvers").isEqualTo(403);
    assertThat(owner.text("/code")).isEqualTo("not_an_approver");
    assertThat(approve(ann, job).status()).isEqualTo(204);
    var again = approve(ann, job);
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.text("/code")).isEqualTo("no_longer_available");
    assertThat(supervisor.put("/acme/job/" + job + "/reject").status())
        .describedAs("the approver is checked before the state")
        .isEqualTo(403);
  }

  @Test
  void nothing_but_a_decision_passes_an_approval() {
    var job = work.post(approval(Map.of("approvers", List.of(ann.email()))), arguments("x"));

    var released = supervisor.put("/acme/job/" + job + "/release");
    assertThat(released.status()).isEqualTo(409);
    assertThat(released.text("/code")).isEqualTo("waits_for_people");
    var given = supervisor.put("/acme/job/" + job + "/input", Map.of("args", List.of("x")));
    assertThat(given.status()).isEqualTo(400);
    assertThat(given.text("/code")).isEqualTo("takes_no_input");
    assertThat(supervisor.put("/acme/job/" + job + "/hold").text("/status")).isEqualTo("held");
    assertThat(work.status(job)).isEqualTo("held");

    assertThat(supervisor.put("/acme/job/" + job + "/cancel").text("/cancel"))
        .isEqualTo("canceled");
    assertThat(approve(ann, job).status()).isEqualTo(409);
  }

  @Test
  void several_approvals_are_of_different_people() {
    var task = approval(Map.of("approvers", List.of("viewer"), "approvals_required", 2));
    var job = work.post(task, arguments("x"));

    assertThat(approve(ann, job).status()).isEqualTo(204);
    assertThat(approve(ann, job).status()).describedAs("once more").isEqualTo(204);
    assertThat(work.job(job).at("/approvals").size()).isOne();
    assertThat(work.job(job).at("/why/message").asString()).startsWith("It has 1 of 2 approvals");
    assertThat(approve(bob, job).status()).isEqualTo(204);

    assertThat(work.status(job)).isEqualTo("succeeded");
  }

  @Test
  void one_who_has_approved_may_still_reject() {
    var task = approval(Map.of("approvers", List.of("viewer"), "approvals_required", 2));
    var job = work.post(task, arguments("x"));
    approve(ann, job);

    assertThat(ann.send("PUT", "/job/" + job + "/reject").status()).isEqualTo(204);

    assertThat(work.job(job).at("/outcome/type").asString()).isEqualTo("rejected");
  }

  @Test
  void all_means_somebody_for_each_approver_that_is_named() {
    var task =
        approval(
            Map.of("approvers", List.of(ann.email(), "team:legal"), "approvals_required", "all"));
    var job = work.post(task, arguments("x"));

    approve(bob, job);
    assertThat(work.status(job)).isEqualTo("held");
    approve(ann, job);

    assertThat(work.status(job)).isEqualTo("succeeded");
  }

  @Test
  void of_many_who_approve_at_once_each_counts_once_and_one_settles_it() throws Exception {
    var people =
        Stream.generate(() -> TestPerson.loggedIn(supervisor, Role.VIEWER, "team:many"))
            .limit(4)
            .toList();
    var task = approval(Map.of("approvers", List.of("team:many"), "approvals_required", 4));
    var job = work.post(task, arguments("x"));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var all =
          Stream.concat(people.stream(), people.stream())
              .<Callable<Answer>>map(person -> () -> approve(person, job))
              .toList();
      for (var answer : threads.invokeAll(all)) {
        assertThat(answer.get().status()).isIn(204, 409);
      }
    }

    var shown = work.job(job);
    assertThat(shown.at("/status").asString()).isEqualTo("succeeded");
    assertThat(shown.at("/approvals").size()).isEqualTo(4);
    assertThat(shown.at("/history").size()).isOne();
  }

  @Test
  void whoever_started_the_job_does_not_decide_unless_the_task_says_so() {
    var approvers = List.of(ann.email(), bob.email());
    var strict = approval(Map.of("approvers", approvers, "acls", List.of("viewer")));
    var lenient =
        approval(Map.of("approvers", approvers, "acls", List.of("viewer"), "self_approval", true));
    var own = approval(Map.of("approvals_target", "initiator", "acls", List.of("viewer")));

    var mine = started(bob, strict);
    var refused = approve(bob, mine);
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text("/code")).isEqualTo("started_by_you");
    assertThat(approve(ann, mine).status()).isEqualTo(204);

    assertThat(approve(bob, started(bob, lenient)).status()).isEqualTo(204);

    var asked = started(bob, own);
    assertThat(approve(ann, asked).status()).isEqualTo(403);
    assertThat(approve(bob, asked).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @CsvSource({"expired,expired", "approved,succeeded", "rejected,failed"})
  void a_deadline_ends_it_as_the_task_says(String lapse, String status) {
    var task = approval(Map.of("approvers", List.of("viewer"), "deadline", 600, "on_lapse", lapse));
    var job = work.post(task, arguments("x"));
    assertThat(work.job(job).at("/why/until").asString()).isNotEmpty();

    clock.jump(Duration.ofMinutes(11));

    await().untilAsserted(() -> assertThat(work.status(job)).isEqualTo(status));
    assertThat(approve(ann, job).status()).isEqualTo(409);
    assertThat(work.job(job).at("/history/0/by").asString()).isEqualTo("supervisor");
  }

  @Test
  void an_input_ends_with_the_values_as_its_output() {
    var task = input(Map.of("user_inputs_members", List.of(bob.email())));
    var job = work.post(task);
    assertThat(work.job(job).at("/_type").asString()).isEqualTo("DummyJob");
    assertThat(work.why(job)).isEqualTo("input");

    var path = "/job/" + job + "/input";
    var mine = Map.of("args", List.of("7", "hush-" + job));
    var owner = supervisor.put(path, mine);
    assertThat(owner.status()).isEqualTo(403);
    assertThat(owner.text("/code")).isEqualTo("not_asked");
    var wrong = bob.send("PUT", path, Map.of("args", List.of("", "x")));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.text("/errors/0/code")).isEqualTo("required");

    var given = bob.send("PUT", path, mine);

    assertThat(given.status()).describedAs(given.raw().body()).isEqualTo(200);
    var shown = work.job(job);
    assertThat(shown.at("/state").asString()).isEqualTo("success");
    assertThat(shown.at("/output/0").asString()).isEqualTo("7");
    assertThat(shown.at("/result/user/email").asString()).isEqualTo(bob.email());
    assertThat(shown.at("/history/0/move").asString()).isEqualTo("supply");
    assertThat(shown.toString()).doesNotContain("hush-" + job);
    assertThat(bob.send("PUT", path, mine).status()).isEqualTo(409);
    assertThat(supervisor.put("/acme/job/" + job + "/restart").text("/status")).isEqualTo("held");
  }

  @Test
  void an_input_that_asks_nobody_hands_on_its_arguments_at_once() {
    var task = input(Map.of("type", "dummy", "user_inputs", false));

    var job = work.post(task, Map.of("task_arguments", List.of("7", "hush")));

    assertThat(work.status(job)).isEqualTo("succeeded");
    assertThat(work.job(job).at("/output/0").asString()).isEqualTo("7");
  }

  @Test
  void a_wait_ends_by_itself_and_hands_on_its_arguments() {
    var task =
        made(
            new HashMap<>(
                Map.of(
                    "type",
                    "wait",
                    "wait_for",
                    3600,
                    "task_arguments",
                    List.of(Map.of("type", "input", "label", "what")))));
    var job = work.post(task, arguments("x"));
    assertThat(work.status(job)).isEqualTo("scheduled");
    assertThat(work.why(job)).isEqualTo("wait");
    assertThat(supervisor.put("/acme/job/" + job + "/hold").status()).isEqualTo(409);
    assertThat(supervisor.put("/acme/job/" + job + "/release").status()).isEqualTo(409);
    var sooner = "" + clock.instant().plus(Duration.ofMinutes(5));
    var other = work.post(task, Map.of("task_arguments", List.of("y"), "not_before", sooner));

    clock.jump(Duration.ofMinutes(6));
    await().untilAsserted(() -> assertThat(work.status(other)).isEqualTo("succeeded"));
    assertThat(work.status(job)).isEqualTo("scheduled");
    clock.jump(Duration.ofHours(1));

    await().untilAsserted(() -> assertThat(work.status(job)).isEqualTo("succeeded"));
    assertThat(work.job(job).at("/output/0").asString()).isEqualTo("x");
    assertThat(work.job(job).at("/history/0/move").asString()).isEqualTo("elapse");
  }

  @Test
  void a_wait_for_an_instant_that_has_passed_is_over_at_once() {
    var task = made(new HashMap<>(Map.of("type", "wait", "wait_until", "2020-01-01T00:00:00Z")));

    assertThat(work.status(work.post(task))).isEqualTo("succeeded");
  }

  @Test
  void of_two_supervisors_that_find_the_same_jobs_due_each_ends_some_once() {
    var task = made(new HashMap<>(Map.of("type", "wait", "wait_for", 600)));
    var waits = Stream.generate(() -> work.post(task)).limit(20).toList();
    try (var other = supervisor.another(clock)) {
      assertThat(other.token()).isNotEmpty();
      clock.jump(Duration.ofMinutes(11));

      await()
          .untilAsserted(
              () -> assertThat(waits).allMatch(wait -> work.status(wait).equals("succeeded")));
    }
    assertThat(waits).allMatch(wait -> work.job(wait).at("/history").size() == 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type': 'approvals'} | /type | unknown_type",
        "{'type': 'approval', '_type': 'ScriptTask'} | /_type | conflict",
        "{'type': 'approval', 'host_id': 'x'} | /host_id | not_for_this_type",
        "{'type': 'approval', 'approvers': []} | /approvers | empty",
        "{'type': 'approval', 'approvals_required': 'most'} | /approvals_required | unknown_word",
        "{'type': 'approval', 'approvals_required': 0} | /approvals_required | out_of_range",
        "{'type': 'approval', 'on_lapse': 'approved'} | /on_lapse | conflict",
        "{'type': 'approval', 'script_id': 'x'} | /script_id | unknown_field",
        "{'type': 'input', 'user_inputs': false, 'deadline': 5} | /deadline | conflict",
        "{'type': 'wait'} | /wait_for | required",
        "{'type': 'wait', 'wait_for': 0} | /wait_for | out_of_range",
        "{'type': 'wait', 'wait_for': 1, 'wait_until': '2030-01-01T00:00:00Z'}"
            + " | /wait_until | conflict",
        "{'type': 'input', 'task_arguments': [{'type': 'file', 'label': 'f'}]}"
            + " | /task_arguments/0/type | not_for_this_type",
      })
  void a_task_that_cannot_be_is_refused(String body, String pointer, String code) {
    var answer = supervisor.ask("POST", "/acme/task", json("{'name': 'x', " + body.substring(1)));

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
    assertThat(answer.text("/errors/0/code")).isEqualTo(code);
  }

  @Test
  void a_task_is_shown_as_it_was_defined_and_keeps_its_type() {
    var id =
        approval(
            Map.of(
                "approvers",
                List.of("manager"),
                "approvals_required",
                2,
                "deadline",
                60,
                "on_lapse",
                "rejected",
                "success_label",
                "Go"));
    var shown = supervisor.get("/acme/task/" + id).body();

    assertThat(shown.at("/approvals_required").asInt()).isEqualTo(2);
    assertThat(shown.has("script_id")).isFalse();
    var same = supervisor.put("/acme/task/" + id, shown);
    assertThat(same.status()).describedAs(same.raw().body()).isEqualTo(200);
    assertThat(same.body().at("/version").asInt()).isOne();
    var patched = supervisor.ask("PATCH", "/acme/task/" + id, Map.of("success_label", "Ship"));
    assertThat(patched.text("/success_label")).isEqualTo("Ship");
    var other = supervisor.ask("PATCH", "/acme/task/" + id, Map.of("type", "dummy"));
    assertThat(other.status()).isEqualTo(400);
    assertThat(supervisor.get("/acme/task/" + id + "/version/1/diff").text("/changes/0/field"))
        .isEqualTo("success_label");
    var restored = supervisor.ask("POST", "/acme/task/" + id + "/version/1/restore", null);
    assertThat(restored.text("/success_label")).isEqualTo("Go");
  }

  @Test
  void what_waits_for_people_takes_no_start_time() {
    var run =
        supervisor.post(
            "/acme/task/" + approval(Map.of()) + "/job",
            Map.of("task_arguments", List.of("x"), "not_before", "2999-01-01T00:00:00Z"));

    assertThat(run.status()).isEqualTo(400);
    assertThat(run.text("/errors/0/pointer")).isEqualTo("/not_before");
  }

  private static Object json(String text) {
    return MessageJson.mapper().readTree(text.replace('\'', '"'));
  }

  private static Answer approve(TestPerson person, String job) {
    return person.send("PUT", "/acme/job/" + job + "/approve");
  }

  private static String started(TestPerson person, String task) {
    var posted = person.send("POST", "/acme/task/" + task + "/job", arguments("x"));
    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    return posted.text("/id");
  }

  private static Map<String, ?> arguments(String... values) {
    return Map.of("task_arguments", List.of(values));
  }

  private static String approval(Map<String, ?> more) {
    var body = new HashMap<String, Object>(Map.of("type", "approval"));
    body.put("task_arguments", List.of(Map.of("type", "input", "label", "what")));
    body.putAll(more);
    return made(body);
  }

  private static String input(Map<String, ?> more) {
    var body = new HashMap<String, Object>(Map.of("type", "input"));
    body.put(
        "task_arguments",
        List.of(
            Map.of("type", "input", "label", "count", "required", true),
            Map.of("type", "input", "label", "token", "masked", true)));
    body.putAll(more);
    return made(body);
  }

  private static String made(Map<String, Object> body) {
    body.put("name", "any");
    var made = supervisor.post("/acme/task", body);
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    return made.text("/id");
  }
}
