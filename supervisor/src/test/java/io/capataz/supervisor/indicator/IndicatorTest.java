package io.capataz.supervisor.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Indicators as seed 004's clients use them. */
class IndicatorTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  private static String title(String name) {
    return name + " " + UUID.randomUUID();
  }

  private static String path(String title) {
    return "/indicator/title/"
        + URLEncoder.encode(title, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private String made(String title, String type) {
    return ok(supervisor.post("/indicator", Map.of("title", title, "type", type))).text("/id");
  }

  private Answer patch(String path) {
    return supervisor.ask("PATCH", path, null);
  }

  private Answer patch(String path, Map<String, ?> body) {
    return supervisor.ask("PATCH", path, body);
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }

  private void refuses(Answer answer, int status, String message) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(status);
    assertThat(answer.text("/message")).isEqualTo(message);
  }

  @Test
  void a_script_reads_by_title_and_then_posts_or_patches() {
    var title = title("Ventas / año 50 %");
    var path = path(title);

    refuses(supervisor.get(path), 404, "indicator not found");
    var made =
        ok(
            supervisor.post(
                "/indicator",
                Map.of(
                    "title",
                    title,
                    "type",
                    "text",
                    "value",
                    "1",
                    "read_only",
                    "false",
                    "tags",
                    List.of("b"))));
    assertThat(made.text("/title")).isEqualTo(title);
    assertThat(made.text("/_type")).isEqualTo("TextIndicator");
    assertThat(made.text("/state")).isEqualTo("normal");
    assertThat(made.text("/severity")).isEqualTo("HIGH");
    assertThat(made.body().at("/read_only").asBoolean()).isFalse();
    assertThat(ok(supervisor.get(path)).text("/id")).isEqualTo(made.text("/id"));
    assertThat(ok(patch(path, Map.of("value", "2", "order", 7))).text("/value")).isEqualTo("2");
    var now = ok(supervisor.get("/acme/indicator/" + made.text("/id")));
    assertThat(now.text("/order")).isEqualTo("7");
    assertThat(now.text("/tags/0")).isEqualTo("b");
    assertThat(supervisor.ask("DELETE", path, null).status()).isEqualTo(204);
    assertThat(supervisor.get(path).status()).isEqualTo(404);
  }

  @Test
  void a_put_by_title_makes_or_replaces() {
    var title = title("upsert");
    var path = path(title);

    refuses(supervisor.put(path, Map.of("value", 1)), 400, "type is required");
    refuses(supervisor.put(path, Map.of("type", "progress")), 400, "title is required");
    var body = Map.of("title", title, "type", "progress", "value", 40, "state", "failure");
    var made = ok(supervisor.put(path, body));
    var replaced = ok(supervisor.put(path, Map.of("value", 50)));
    assertThat(replaced.text("/id")).isEqualTo(made.text("/id"));
    assertThat(replaced.text("/value")).isEqualTo("50");
    assertThat(replaced.text("/type")).isEqualTo("progress");
    assertThat(replaced.text("/state")).isEqualTo("normal");
  }

  @Test
  void many_that_make_the_same_at_once_make_one() {
    var title = title("many");
    var body = Map.of("title", title, "type", "counter");
    var all =
        IntStream.range(0, 8)
            .mapToObj(_ -> CompletableFuture.supplyAsync(() -> supervisor.put(path(title), body)))
            .toList();
    var ids = all.stream().map(CompletableFuture::join).map(it -> ok(it).text("/id")).distinct();
    assertThat(ids).hasSize(1);
  }

  @Test
  void counters_count() {
    var title = title("counter");
    var id = made(title, "counter");
    var counting =
        IntStream.range(0, 10)
            .mapToObj(
                _ -> CompletableFuture.runAsync(() -> ok(patch("/indicator/" + id + "/increase"))))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(counting).join();

    assertThat(supervisor.get("/indicator/" + id).text("/value")).isEqualTo("10");
    ok(patch(path(title) + "/decrease"));
    assertThat(supervisor.get("/indicator/" + id).text("/value")).isEqualTo("9");
    assertThat(ok(patch(path(title) + "/restart")).raw().body()).isEmpty();
    ok(patch("/indicator/" + id + "/decrease"));
    assertThat(supervisor.get("/indicator/" + id).text("/value")).isEqualTo("0");
    refuses(
        patch("/indicator/" + made(title("text"), "text") + "/increase"),
        400,
        "indicator type must be numeric");
  }

  @Test
  void a_report_changes_state_and_value() {
    var id = made(title("report"), "text");
    var path = "/indicator/" + id + "/state";

    assertThat(ok(patch(path, Map.of("state", "failure", "value", ""))).text("/state"))
        .isEqualTo("failure");
    assertThat(ok(patch(path, Map.of("state", "success"))).text("/state")).isEqualTo("normal");
    assertThat(ok(patch(path, Map.of("value", 0))).text("/value")).isEqualTo("0");
    refuses(
        patch(path, Map.of()), 400, "provide the state changes. value and/or state are required");
  }

  @Test
  void html_stays_text() {
    var html = "<script>alert(1)</script>";
    var title = title("html");
    var made =
        ok(supervisor.post("/indicator", Map.of("title", title, "type", "html", "value", html)));
    assertThat(made.text("/value")).isEqualTo(html);
    assertThat(made.raw().headers().firstValue("Content-Type").orElse("")).contains("json");
  }

  @Test
  void what_makes_no_sense_is_refused() {
    var title = title("refused");
    var text = Map.of("title", title, "type", "text");
    refuses(supervisor.post("/indicator", Map.of()), 400, "empty payload. JSON body is required");
    refuses(supervisor.post("/indicator", Map.of("title", title)), 400, "type is required");
    refuses(supervisor.post("/indicator", Map.of("type", "text")), 400, "title is required");
    refuses(
        supervisor.post("/indicator", Map.of("type", "text", "title", " ")),
        400,
        "title is invalid");
    var id = made(title, "text");
    refuses(supervisor.put("/indicator/" + id, Map.of("title", 3)), 400, "invalid title");
    assertThat(supervisor.post("/indicator", text).status()).isEqualTo(409);
    assertThat(supervisor.post("/indicator", Map.of("title", "x", "type", "any")).status())
        .isEqualTo(400);
    assertThat(patch("/indicator/" + id, Map.of("value", "x".repeat(70_000))).status())
        .isEqualTo(400);
    assertThat(patch("/indicator/" + id, Map.of("sticky", "maybe")).status()).isEqualTo(400);
    assertThat(supervisor.get("/indicator/6a0000000000000000000000").status()).isEqualTo(404);
    assertThat(supervisor.get("/acme%2Findicator").status()).isEqualTo(400);
  }

  @Test
  void only_who_is_named_sees_it() {
    var viewer = supervisor.tokenWith(Role.VIEWER);
    var agent = supervisor.tokenWith(Role.AGENT);
    var hidden = made(title("hidden"), "counter");
    var shown = made(title("shown"), "counter");
    ok(patch("/indicator/" + shown, Map.of("acl", List.of("viewer"))));

    assertThat(supervisor.getAs(viewer, "/indicator/" + hidden).status()).isEqualTo(404);
    assertThat(supervisor.getAs(viewer, "/indicator/" + shown).status()).isEqualTo(200);
    var listed = supervisor.getAs(viewer, "/indicator").body();
    assertThat(listed.valueStream().map(it -> it.at("/id").asString()))
        .contains(shown)
        .doesNotContain(hidden);
    var path = "/indicator/" + shown + "/increase";
    assertThat(supervisor.askAs(viewer, "PATCH", path, null).status()).isEqualTo(403);
    assertThat(supervisor.askAs(agent, "PATCH", path, null).status()).isEqualTo(200);
    assertThat(supervisor.askAs(agent, "PATCH", "/indicator/" + hidden + "/restart", null).status())
        .isEqualTo(404);
  }
}
