package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who sees a task, and the jobs that were made of it. */
class TaskVisibilityTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String tag = UUID.randomUUID().toString();
  private final String user = supervisor.tokenWith(Role.USER);

  private final String shown = task(List.of("user"));
  private final String others = task(List.of("manager", "team:billing"));
  private final String nobodys = task(List.of());

  @Test
  void a_task_is_seen_by_whom_it_names_and_by_administrators() {
    assertThat(ids(as(user, "/acme/task?tags=" + tag))).containsExactly(shown);
    // A role means those above it, too.
    assertThat(ids(as(supervisor.tokenWith(Role.MANAGER), "/acme/task?tags=" + tag)))
        .containsExactlyInAnyOrder(shown, others);
    assertThat(ids(as(supervisor.tokenWith(Role.ADMIN), "/acme/task?tags=" + tag)))
        .containsExactlyInAnyOrder(shown, others, nobodys);
  }

  @Test
  void a_person_is_named_by_address() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);
    var hers = task(List.of(person.email().toUpperCase(Locale.ROOT)));

    assertThat(person.get("/acme/task/" + hers).status()).isEqualTo(200);
    assertThat(person.get("/acme/task/" + others).status()).isEqualTo(404);
    assertThat(as(user, "/acme/task/" + hers).status()).isEqualTo(404);
  }

  @Test
  void a_hidden_task_looks_like_none() {
    var none = as(user, "/acme/task/0123456789abcdef01234567");
    for (var hidden : List.of(others, nobodys)) {
      var answer = as(user, "/acme/task/" + hidden);

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.raw().body()).isEqualTo(none.raw().body());
      assertThat(supervisor.postAs(user, "/acme/task/" + hidden + "/job", Map.of()).status())
          .isEqualTo(404);
    }
    assertThat(supervisor.postAs(user, "/acme/task/" + shown + "/job", Map.of()).status())
        .isEqualTo(200);
  }

  @Test
  void the_jobs_of_a_hidden_task_are_hidden_too() {
    var seen = work.post(shown);
    var hidden = work.post(others);

    assertThat(as(user, "/acme/job/" + seen).status()).isEqualTo(200);
    for (var route : List.of("", "/why", "/output")) {
      assertThat(as(user, "/acme/job/" + hidden + route).status())
          .describedAs(route)
          .isEqualTo(404);
    }
    for (var route : List.of("/hold", "/release", "/cancel")) {
      var answer = supervisor.askAs(user, "PUT", "/acme/job/" + hidden + route, null);
      assertThat(answer.status()).describedAs(route).isEqualTo(404);
    }
    assertThat(work.status(hidden)).isEqualTo("ready");
    assertThat(ids(as(user, "/acme/job?task=" + shown))).containsExactly(seen);
    assertThat(ids(as(user, "/acme/job?task=" + others))).isEmpty();
    assertThat(ids(as(user, "/acme/job"))).contains(seen).doesNotContain(hidden);
  }

  @Test
  void its_versions_are_hidden_with_it() {
    for (var route : List.of("/version", "/version/1", "/version/1/diff")) {
      assertThat(as(user, "/acme/task/" + shown + route).status()).isEqualTo(200);
      assertThat(as(user, "/acme/task/" + others + route).status()).isEqualTo(404);
    }
  }

  @Test
  void managers_say_who_sees_the_tasks_that_they_see() {
    var manager = supervisor.tokenWith(Role.MANAGER);
    var acl = "/acme/task/" + others + "/acl";

    assertThat(as(manager, acl).body().toString())
        .isEqualTo("{\"acl\":[\"manager\",\"team:billing\"]}");
    assertThat(
            supervisor
                .askAs(manager, "PATCH", acl, Map.of("users", List.of("User"), "action", "add"))
                .body()
                .toString())
        .isEqualTo("{\"acl\":[\"manager\",\"team:billing\",\"user\"]}");
    assertThat(as(user, "/acme/task/" + others).status()).isEqualTo(200);
    assertThat(
            supervisor
                .askAs(manager, "PATCH", acl, Map.of("users", List.of("user"), "action", "remove"))
                .status())
        .isEqualTo(200);
    assertThat(as(user, "/acme/task/" + others).status()).isEqualTo(404);
    assertThat(
            supervisor
                .askAs(manager, "PUT", acl, Map.of("users", List.of("manager", "user")))
                .body()
                .toString())
        .isEqualTo("{\"acl\":[\"manager\",\"user\"]}");
    assertThat(supervisor.askAs(manager, "DELETE", acl, null).body().toString())
        .isEqualTo("{\"acl\":[]}");
    assertThat(as(manager, acl).status()).isEqualTo(404);
    assertThat(as(user, "/acme/task/" + shown + "/acl").status()).isEqualTo(403);
    assertThat(as(supervisor.token(), "/task/" + others + "/acl").status()).isEqualTo(200);
  }

  @Test
  void what_is_no_acl_is_400_and_changes_nothing() {
    var acl = "/acme/task/" + shown + "/acl";
    for (var body :
        List.of(
            Map.of(),
            Map.of("users", "user"),
            Map.of("users", List.of(" ")),
            Map.of("users", List.of(1)),
            Map.of("users", List.of(), "more", 1))) {
      assertThat(supervisor.put(acl, body).status()).describedAs("%s", body).isEqualTo(400);
    }
    assertThat(
            supervisor.ask("PATCH", acl, Map.of("users", List.of("x"))).text("/errors/0/pointer"))
        .isEqualTo("/action");
    assertThat(supervisor.get(acl).body().toString()).isEqualTo("{\"acl\":[\"user\"]}");
  }

  private String task(List<String> acls) {
    return work.taskOn(agent, Map.of("acls", acls, "tags", List.of(tag)));
  }

  private Answer as(String token, String path) {
    return supervisor.getAs(token, path);
  }

  private static List<String> ids(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body().valueStream().map(TaskVisibilityTest::id).toList();
  }

  private static String id(JsonNode item) {
    return item.get("id").asString();
  }
}
