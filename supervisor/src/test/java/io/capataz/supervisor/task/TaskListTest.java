package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A person looks through the tasks of an organization that has many. */
class TaskListTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final String tag = UUID.randomUUID().toString();

  @BeforeEach
  void five_tasks_are_there() {
    var agent = TestAgent.enrolled(supervisor);
    for (var name : List.of("delta", "alpha", "echo", "charlie", "bravo")) {
      var made =
          supervisor.post(
              "/acme/task",
              Map.of(
                  "name",
                  name,
                  "host_id",
                  agent.host(),
                  "tags",
                  List.of(tag),
                  "script",
                  Map.of("filename", "a.sh", "content", "true")));
      assertThat(made.status()).isEqualTo(200);
    }
  }

  @Test
  void a_list_is_filtered_and_sorted_both_ways() {
    assertThat(names("tags=" + tag)).containsExactly("alpha", "bravo", "charlie", "delta", "echo");
    assertThat(names("tags=" + tag + "&sort=-name"))
        .containsExactly("echo", "delta", "charlie", "bravo", "alpha");
    assertThat(names("tags=" + tag + "&sort=creation_date"))
        .containsExactly("delta", "alpha", "echo", "charlie", "bravo");
    assertThat(names("tags=" + tag + "&name=alpha&name=echo")).containsExactly("alpha", "echo");
  }

  @Test
  void the_originals_way_of_asking_says_the_same() {
    assertThat(names("where[tags]=" + tag + "&sort[name]=-1&limit=2").size()).isEqualTo(2);
    assertThat(names("where%5Btags%5D=" + tag + "&sort%5Bname%5D=-1&limit=1"))
        .containsExactly("echo");
  }

  @Test
  void page_by_page_each_task_comes_once() {
    for (var sort : List.of("name", "-name", "creation_date", "-last_update")) {
      var whole = names("tags=" + tag + "&sort=" + sort);
      var parts = new ArrayList<String>();
      var cursor = "";
      do {
        var page =
            supervisor.get(
                "/acme/task?limit=2&tags=" + tag + "&sort=" + sort + "&cursor=" + cursor);
        parts.addAll(names(page.body()));
        cursor = page.raw().headers().firstValue("X-Next-Cursor").orElse("");
      } while (!cursor.isEmpty());
      assertThat(parts).describedAs(sort).containsExactlyElementsOf(whole);
    }
  }

  @Test
  void the_link_to_the_next_page_keeps_the_whole_query() {
    var seen = new ArrayList<String>();
    var query = "limit=2&tags=" + tag + "&sort=-name&fields=name";
    var next = "?" + query;
    while (!next.isEmpty()) {
      var page = supervisor.get("/acme/task" + next);
      assertThat(page.status()).describedAs(page.raw().body()).isEqualTo(200);
      page.body().forEach(task -> assertThat(task.propertyNames()).containsExactly("name"));
      seen.addAll(names(page.body()));
      next =
          page.raw()
              .headers()
              .firstValue("Link")
              .map(text -> text.substring(1, text.indexOf('>')))
              .orElse("");
      assertThat(next)
          .satisfiesAnyOf(l -> assertThat(l).isEmpty(), l -> assertThat(l).contains(query));
    }
    assertThat(seen).containsExactly("echo", "delta", "charlie", "bravo", "alpha");
  }

  @Test
  void the_link_to_the_next_page_never_has_a_token() {
    var page =
        supervisor.send(
            supervisor
                .request("/acme/task?limit=1&tags=" + tag + "&access_token=" + supervisor.token())
                .GET());

    assertThat(page.raw().headers().firstValue("Link").orElse(""))
        .contains("tags=" + tag)
        .doesNotContain(supervisor.token());
  }

  @Test
  void only_the_fields_that_were_asked_for_are_answered() {
    var task = supervisor.get("/acme/task?fields=id,name&limit=1&tags=" + tag).body().get(0);

    assertThat(task.propertyNames()).containsExactlyInAnyOrder("id", "name");
    var again = supervisor.get("/acme/task/" + task.get("id").asString() + "?include%5Bname%5D=1");
    assertThat(again.body().propertyNames()).containsExactly("name");
  }

  @Test
  void what_cannot_be_asked_is_told_with_what_can() {
    var answer = supervisor.get("/acme/task?sort=size&limit=0&cursor=x&colour=red");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().get("errors").valueStream().map(e -> e.get("pointer").asString()))
        .containsExactlyInAnyOrder("/sort", "/limit", "/cursor", "/colour");
    assertThat(answer.body().toString()).contains("last_update").contains("script_id");
  }

  private List<String> names(String query) {
    var answer = supervisor.get("/acme/task?" + query.replace("[", "%5B").replace("]", "%5D"));
    assertThat(answer.status()).describedAs(answer.body().toString()).isEqualTo(200);
    return names(answer.body());
  }

  private static List<String> names(JsonNode tasks) {
    return tasks.valueStream().map(task -> task.get("name").asString()).toList();
  }
}
