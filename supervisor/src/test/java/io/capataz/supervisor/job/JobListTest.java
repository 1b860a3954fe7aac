package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** A person looks for jobs: by where they stand, whose they are, and when they were made. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobListTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of("acls", List.of("viewer")));
  private final Map<String, String> jobs = new LinkedHashMap<>();

  @BeforeAll
  void a_job_in_every_place_there_is() {
    end("success", new Outcome.Succeeded());
    end("exit", new Outcome.ExitedWith(3));
    end("timeout", new Outcome.TimedOut());
    end("killed", new Outcome.Killed("SIGSEGV"));
    var stopped = claimed("stopped");
    cancel(stopped.job());
    agent.end(stopped, new Outcome.Canceled());
    claimed("assigned");
    jobs.put("canceled", work.post(task));
    cancel(id("canceled"));
    jobs.put("held", work.post(task, Map.of("hold", true)));
    jobs.put("later", work.post(task, Map.of("not_before", "2999-01-01T00:00:00Z")));
    jobs.put("ready", work.post(task));
  }

  @Test
  void the_newest_come_first_and_page_by_page_each_comes_once() {
    var all = new ArrayList<>(jobs.values()).reversed();
    assertThat(ids("")).containsExactlyElementsOf(all);
    assertThat(ids("&sort=creation_date")).containsExactlyElementsOf(all.reversed());

    var parts = new ArrayList<String>();
    var cursor = "";
    do {
      var page = supervisor.get("/acme/job?limit=3&task=" + task + "&cursor=" + cursor);
      parts.addAll(ids(page.body()));
      cursor = page.raw().headers().firstValue("X-Next-Cursor").orElse("");
    } while (!cursor.isEmpty());
    assertThat(parts).containsExactlyElementsOf(all);
  }

  @Test
  void seed_004s_words_and_ours_find_what_they_say() {
    assertThat(names("&lifecycle=finished")).containsExactly("success", "exit");
    assertThat(names("&lifecycle=terminated")).containsExactly("timeout", "killed", "stopped");
    assertThat(names("&lifecycle=canceled")).containsExactly("canceled");
    assertThat(names("&lifecycle=ready")).containsExactly("later", "ready");
    assertThat(names("&lifecycle[]=onhold&lifecycle[]=assigned"))
        .containsExactly("assigned", "held");
    assertThat(names("&lifecycle=completed")).isEmpty();
    assertThat(names("&state=failure")).containsExactly("exit");
    assertThat(names("&state=timeout&state=error")).containsExactly("timeout", "killed");
    assertThat(names("&state=canceled")).containsExactly("stopped", "canceled");
    assertThat(names("&status=failed")).containsExactly("exit", "timeout", "killed");
    assertThat(names("&status=failed&state=error")).containsExactly("killed");
    assertThat(names("&status=failed&state=success")).isEmpty();
  }

  @Test
  void every_job_is_found_by_the_words_it_shows() {
    for (var id : jobs.values()) {
      var job = work.job(id);
      for (var word : List.of("state", "lifecycle", "status")) {
        assertThat(ids("&" + word + "=" + job.get(word).asString())).contains(id);
      }
    }
  }

  @Test
  void jobs_are_found_by_host_origin_user_and_time() {
    var user = work.job(id("held")).at("/user/id").asString();
    var from = work.job(id("held")).get("creation_date").asString();

    assertThat(ids("&host=" + agent.host()))
        .containsExactlyElementsOf(new ArrayList<>(jobs.values()).reversed());
    assertThat(ids("&origin=user")).hasSize(jobs.size());
    assertThat(ids("&origin=secret")).isEmpty();
    assertThat(ids("&user=" + user)).hasSize(jobs.size());
    assertThat(ids("&user=nobody@example.org")).isEmpty();
    assertThat(ids("&pool=none")).isEmpty();
    assertThat(names("&from=" + from)).contains("held", "ready").doesNotContain("success");
    assertThat(names("&until=" + from)).contains("success").doesNotContain("held", "ready");
  }

  @Test
  void what_has_not_ended_is_listed_and_counted() {
    var unfinished = List.of("assigned", "held", "later", "ready");
    assertThat(names(supervisor.get("/job/running?task=" + task).body()))
        .containsExactlyElementsOf(unfinished);
    assertThat(names(supervisor.get("/acme/job/running?status=held&task=" + task).body()))
        .containsExactly("held");

    var count =
        supervisor
            .get("/job/running_count")
            .body()
            .valueStream()
            .filter(c -> c.at("/_id/task").asString().equals(task))
            .toList();
    assertThat(count).hasSize(1);
    assertThat(count.getFirst().get("count").asInt()).isEqualTo(unfinished.size());
  }

  @Test
  void without_the_organization_in_the_path_it_is_the_same_job() {
    var id = id("exit");

    assertThat(supervisor.get("/job/" + id).body()).isEqualTo(work.job(id));
    assertThat(supervisor.get("/job/" + id + "/lifecycle").raw().body()).isEqualTo("\"finished\"");
    assertThat(supervisor.get("/acme/job/" + id + "/lifecycle").raw().body())
        .isEqualTo("\"finished\"");
    assertThat(supervisor.get("/job/job").text("/detail"))
        .describedAs("the jobs of an organization of that name, and no id")
        .startsWith("There is no such organization");
    assertThat(supervisor.put("/job/" + id + "/hold").text("/code")).isEqualTo("not_waiting");
    assertThat(supervisor.put("/job/" + id + "/cancel").text("/cancel")).isEqualTo("ended");
  }

  @Test
  void a_job_shows_what_seed_004s_clients_read() {
    var job = work.job(id("exit"));

    assertThat(job.at("/task/id").asString()).isEqualTo(task);
    assertThat(job.at("/task/type").asString()).isEqualTo("script");
    assertThat(job.at("/host/id").asString()).isEqualTo(agent.host());
    assertThat(job.at("/host/hostname").asString()).startsWith("host-");
    assertThat(job.at("/user/username").asString()).startsWith("token:");
    assertThat(job.at("/acl/0").asString()).isEqualTo("viewer");
    assertThat(job.get("order").asInt()).isZero();
    assertThat(job.get("env").isObject()).isTrue();
    assertThat(job.get("script_id").asString()).isNotEmpty();
    assertThat(job.get("show_result").asBoolean()).isFalse();
    assertThat(Instant.parse(job.get("last_update").asString()))
        .isAfterOrEqualTo(Instant.parse(job.get("creation_date").asString()));
  }

  @Test
  void who_may_not_see_the_task_sees_none_of_its_jobs() {
    var hidden = work.taskOn(agent, Map.of());
    var job = work.post(hidden, Map.of("hold", true));
    var viewer = supervisor.tokenWith(Role.VIEWER);

    assertThat(ids(supervisor.getAs(viewer, "/acme/job?task=" + task).body())).hasSize(10);
    assertThat(ids(supervisor.getAs(viewer, "/acme/job?task=" + hidden).body())).isEmpty();
    assertThat(supervisor.getAs(viewer, "/job/running_count").raw().body())
        .contains(task)
        .doesNotContain(hidden);
    assertThat(supervisor.getAs(viewer, "/job/" + job).status()).isEqualTo(404);
    assertThat(supervisor.getAs(viewer, "/job/" + job + "/lifecycle").status()).isEqualTo(404);
  }

  @Test
  void what_cannot_be_asked_is_told_with_what_can() {
    var answer =
        supervisor.get(
            "/acme/job?lifecycle=dead&state=maybe&status=x&origin=moon&from=today&until=%2B999999-01-01T00:00:00Z");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().get("errors").valueStream().map(e -> e.get("pointer").asString()))
        .containsExactlyInAnyOrder("/lifecycle", "/state", "/status", "/origin", "/from", "/until");
    assertThat(answer.body().toString()).contains("onhold").contains("silent");
  }

  private String id(String name) {
    return Objects.requireNonNull(jobs.get(name));
  }

  private WorkOrder claimed(String name) {
    jobs.put(name, work.post(task));
    var order = agent.claimOne();
    agent.started(order);
    return order;
  }

  private void end(String name, Outcome outcome) {
    assertThat(agent.end(claimed(name), outcome).status()).isEqualTo(204);
  }

  private void cancel(String job) {
    assertThat(supervisor.put("/acme/job/" + job + "/cancel").status()).isEqualTo(200);
  }

  private List<String> ids(String query) {
    var answer =
        supervisor.get("/acme/job?task=" + task + query.replace("[", "%5B").replace("]", "%5D"));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return ids(answer.body());
  }

  private static List<String> ids(JsonNode found) {
    return found.valueStream().map(job -> job.get("id").asString()).toList();
  }

  /** The names of what was found, in the order in which they were made. */
  private List<String> names(String query) {
    return named(ids(query));
  }

  private List<String> names(JsonNode found) {
    return named(ids(found));
  }

  private List<String> named(List<String> found) {
    return jobs.entrySet().stream()
        .filter(job -> found.contains(job.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
