package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The commands of the manual succeed on a fresh standalone, as they are printed and in that order.
 * What a page calls {@code $TASK} or {@code $JOB} is made before.
 */
class PagesIT {

  /** As a reader types it, but an error of the API fails the page. */
  private static final String STRICT =
      """
      curl() { command curl --fail-with-body --max-time 60 "$@"; }
      """;

  /** A stream without an end is left after a while, as by a reader. */
  private static final String STREAMS =
      """
      curl() {
        command curl --fail-with-body --max-time 3 "$@" || [ $? = 28 ]
      }
      """;

  @TempDir static Path folder;

  private static Standalone capataz;
  private static Shell shell;

  @BeforeAll
  static void aFreshStandalone() throws IOException {
    shell = new Shell(folder);
    capataz = Standalone.start(folder.resolve("data"));
    capataz.host();
  }

  @AfterAll
  static void stop() {
    if (capataz != null) {
      capataz.close();
    }
  }

  @Test
  void tasks() throws Exception {
    JsonNode task = capataz.createTask("backup-of-3", "exit 0", Map.of("timeout", 60));
    capataz.change(task, Map.of("timeout", 61));
    capataz.change(task, Map.of("timeout", 62));

    assertThat(typed("tasks.md", "TASK", id(task), "HOST", host()))
        .contains("\"timeout\":1200", "\"REGION\":\"west\"");
  }

  @Test
  void running_jobs() throws Exception {
    JsonNode task = greeting("greet");

    assertThat(typed("running-jobs.md", "TASK", id(task), "JOB", ended(task), "HOST", host()))
        .contains("Hello, world", "event: end", "\"name\":\"build\"");
  }

  @Test
  void parameters() throws Exception {
    Files.writeString(folder.resolve("rows.csv"), "a,b\n1,2\n");
    JsonNode task =
        capataz.createTask(
            "rows",
            "cat \"$4\"",
            Map.of(
                "task_arguments",
                List.of(
                    argument("Region"),
                    argument("Amount"),
                    Map.of("type", "input", "label", "Key", "masked", true),
                    Map.of("type", "file", "label", "Table", "required", false))));

    assertThat(typed("parameters.md", "TASK", id(task))).contains("ready").doesNotContain("s3cret");
  }

  @Test
  void scripts() throws Exception {
    Files.writeString(folder.resolve("backup.sh"), "#!/bin/sh\nexit 0\n");

    assertThat(typed("scripts.md")).contains("Nightly backup", "\"interpreter\":[\"bash\",\"-e\"]");
  }

  @Test
  void recipes() throws Exception {
    JsonNode task = capataz.createTask("free-room", "df -h", Map.of());

    assertThat(typed("recipes.md", "TASK", id(task), "HOST_NAME", hostName()))
        .contains("free-room");
  }

  @Test
  void callbacks() throws Exception {
    JsonNode task = greeting("told");
    JsonNode job =
        capataz.post(
            "/default/task/" + id(task) + "/job",
            Map.of(
                "task_arguments",
                List.of("it"),
                "callback_url",
                "https://hooks.example.org/first"));
    capataz.endedJob(id(job));
    JsonNode callbacks = capataz.some("/default/job/" + id(job) + "/callbacks");

    assertThat(
            typed(
                "callbacks.md", "TASK", id(task), "JOB", id(job), "CALLBACK", id(callbacks.get(0))))
        .contains("https://hooks.example.org/first", "\"replayed\"");
  }

  @Test
  void task_api() throws Exception {
    capataz.createTask(
        "categorization",
        "exit 0",
        Map.of("task_arguments", List.of(argument("attachment"), argument("categories"))));

    assertThat(typed("task-api.md")).contains("\"unique_id\":\"order-7\"");
  }

  @Test
  void tasks_that_wait_for_people() throws Exception {
    String ann = member("ann@example.org");
    String bob = member("bob@example.org");
    JsonNode task =
        capataz.post(
            "/default/task",
            Map.of(
                "name",
                "asks",
                "type",
                "approval",
                "approvers",
                List.of("team:release", "ann@example.org"),
                "approvals_required",
                2,
                "task_arguments",
                List.of(argument("name"))));
    String job = capataz.order(task, "1.2");
    JsonNode question =
        capataz.post(
            "/default/task",
            Map.of(
                "name",
                "asks how many",
                "type",
                "input",
                "user_inputs_members",
                List.of("ann@example.org"),
                "task_arguments",
                List.of(argument("count"))));

    assertThat(
            typed(
                "tasks-that-wait-for-people.md",
                "TASK",
                id(task),
                "JOB",
                job,
                "INPUT_JOB",
                capataz.order(question),
                "ANN",
                ann,
                "BOB",
                bob))
        .contains("rejected");
  }

  @Test
  void live_events() throws Exception {
    String job = ended(greeting("followed"));

    assertThat(typedWith(STREAMS, "live-events.md", "JOB", job)).contains("event: snapshot");
  }

  @Test
  void metrics() throws Exception {
    assertThat(typed("metrics.md")).contains("\"succeeded\"");
  }

  private static Map<String, Object> argument(String label) {
    return Map.of("type", "input", "label", label);
  }

  private static JsonNode greeting(String name) {
    return capataz.createTask(
        name,
        "printf '{\"data\": \"Hello, %s\"}' \"$1\"",
        Map.of("task_arguments", List.of(argument("name"))));
  }

  private static String ended(JsonNode task) {
    return capataz.endedJob(capataz.order(task, "moon")).path("id").asString();
  }

  private static String id(JsonNode made) {
    return made.path("id").asString();
  }

  private static String host() {
    return id(capataz.hostNow());
  }

  private static String hostName() {
    return capataz.hostNow().path("name").asString();
  }

  /** The token of a new member of the team that releases. */
  private static String member(String address) {
    String password = "correct horse battery";
    capataz.post(
        "/default/member",
        Map.of(
            "email",
            address,
            "role",
            "user",
            "tags",
            List.of("team:release"),
            "password",
            password));
    return capataz
        .post("/login", Map.of("email", address, "password", password, "customer", "default"))
        .path("access_token")
        .asString();
  }

  private static String typed(String page, String... variables) throws Exception {
    return typedWith(STRICT, page, variables);
  }

  private static String typedWith(String curl, String page, String... variables) throws Exception {
    String commands = PrintedCommands.of(page, capataz.address()).first();
    assertThat(commands).isNotBlank();
    List<String> words = new ArrayList<>(List.of("TOKEN=" + capataz.token()));
    for (int i = 0; i < variables.length; i += 2) {
      words.add(variables[i] + "=" + variables[i + 1]);
    }
    words.addAll(List.of("bash", "-eu"));
    Path script = Files.writeString(Files.createTempFile(folder, "page", ".sh"), curl + commands);
    words.add(script.toString());
    Shell.Ended ended = shell.run(words.toArray(String[]::new));
    assertThat(ended.code()).as("%s: %s%s", page, ended.out(), ended.err()).isZero();
    return ended.out();
  }
}
