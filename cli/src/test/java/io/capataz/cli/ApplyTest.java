package io.capataz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions in files, and what is sent for them. */
class ApplyTest {

  private static final String ONE =
      """
      kind: task
      name: backup
      host: web-1
      timeout: 900
      tags: [team:ops]
      script: {file: backup.sh}
      """;

  private static final String THERE =
      """
      [{"id": "t1", "name": "backup", "host_id": "h1", "timeout": 600, "script_id": "s1",
        "tags": ["team:ops"], "version": 3}]
      """;

  private static final String BY_NAME = "GET /acme/task?name=backup&limit=20";

  @TempDir Path folder;

  private FakeSupervisor supervisor;

  @BeforeEach
  void start() throws IOException {
    supervisor = new FakeSupervisor();
    supervisor.on("GET /acme/host?name=web-1&limit=20", "[{\"id\": \"h1\", \"name\": \"web-1\"}]");
    supervisor.on("GET /acme/file/s1", "{\"filename\": \"backup.sh\"}");
    supervisor.text("GET /acme/file/s1/download", 200, "text/plain", "#!/bin/sh\ntar c /srv\n");
    Files.writeString(folder.resolve("backup.sh"), "#!/bin/sh\ntar c /srv\n");
    Files.writeString(folder.resolve("one.yaml"), ONE);
  }

  @AfterEach
  void stop() {
    supervisor.close();
  }

  private Typed.Ended apply(String... more) {
    String[] words = new String[more.length + 3];
    words[0] = "apply";
    words[1] = "-f";
    words[2] = folder.toString();
    System.arraycopy(more, 0, words, 3, more.length);
    return Typed.at(supervisor).run(words);
  }

  private boolean changedNothing() {
    return supervisor.asked().stream().allMatch(it -> it.route().startsWith("GET "));
  }

  @Test
  void what_is_not_there_is_created_with_the_content_of_its_file() {
    supervisor.on(BY_NAME, "[]").on("POST /acme/task", "{\"id\": \"t1\"}");

    assertThat(apply("--dry-run").out()).isEqualTo("task/backup would be created\n");
    assertThat(changedNothing()).isTrue();
    assertThat(apply().out()).isEqualTo("task/backup created\n");
    assertThat(supervisor.asked("POST /acme/task").getFirst().json().toString())
        .isEqualTo(
            "{\"name\":\"backup\",\"timeout\":900,\"tags\":[\"team:ops\"],\"script\":{\"filename\":"
                + "\"backup.sh\",\"content\":\"#!/bin/sh\\ntar c /srv\\n\"},\"host_id\":\"h1\"}");
  }

  @Test
  void what_differs_is_shown_and_changed() throws IOException {
    supervisor.on(BY_NAME, THERE).on("PATCH /acme/task/t1", "{\"id\": \"t1\", \"version\": 4}");
    Files.writeString(folder.resolve("backup.sh"), "#!/bin/sh\ntar cz /srv\n");
    String difference =
        """
          timeout: 600 -> 900
          script.content:
            -tar c /srv
            +tar cz /srv
        """;

    assertThat(apply("--dry-run").out()).isEqualTo("task/backup would be changed\n" + difference);
    assertThat(changedNothing()).isTrue();
    assertThat(apply().out()).isEqualTo("task/backup changed\n" + difference);
    assertThat(apply("-o", "json").out()).contains("\"action\" : \"changed\"", "\"timeout\"");
  }

  @Test
  void what_is_as_the_file_says_is_not_touched() throws IOException {
    supervisor.on(BY_NAME, THERE.replace("600", "900"));

    assertThat(apply().out()).isEqualTo("task/backup unchanged\n");
    assertThat(changedNothing()).isTrue();
  }

  @Test
  void what_only_seems_to_differ_is_called_unchanged() throws IOException {
    supervisor.on(BY_NAME, THERE).on("PATCH /acme/task/t1", "{\"id\": \"t1\", \"version\": 3}");

    assertThat(apply().out()).isEqualTo("task/backup unchanged\n");
  }

  @Test
  void pruning_removes_what_has_the_tag_and_stands_in_no_file() {
    supervisor.on(BY_NAME, THERE.replace("600", "900"));
    supervisor.on(
        "GET /acme/workflows",
        "[{\"id\": \"w1\", \"name\": \"old\", \"definition\": {\"tags\": [\"team:ops\"]}},"
            + " {\"id\": \"w2\", \"name\": \"other\", \"definition\": {}}]");
    supervisor.on("GET /acme/task?tags=team%3Aops", THERE);
    supervisor.on(
        "GET /acme/schedule",
        "[{\"id\": \"c1\", \"description\": \"nightly\", \"data\": {\"task_id\": \"t1\"}},"
            + " {\"id\": \"c2\", \"data\": {\"task_id\": \"t9\"}}]");
    supervisor.on("DELETE /acme/workflows/w1", "{}").on("DELETE /acme/schedule/c1", "{}");

    assertThat(apply("--prune").err()).startsWith("--prune and --tag go together");
    var asked = apply("--prune", "--tag", "team:ops");
    assertThat(asked.err())
        .startsWith("2 objects would be removed: [schedule/task/backup/nightly, workflow/old]");
    assertThat(asked.code()).isEqualTo(2);
    assertThat(changedNothing()).isTrue();
    assertThat(apply("--prune", "--tag", "team:ops", "--yes").out())
        .isEqualTo(
            """
            task/backup unchanged
            schedule/task/backup/nightly removed
            workflow/old removed
            """);
    var other = apply("--prune", "--tag", "team:else", "--yes");
    assertThat(other.err()).contains("does not have the tag 'team:else'");
  }

  @Test
  void a_wrong_file_is_said_with_its_place_before_anything_is_done() throws IOException {
    Files.writeString(folder.resolve("two.yaml"), ONE + "---\nkind: tusk\nname: x\n");
    assertThat(apply().err())
        .contains("two.yaml, document 2: kind must be one of pool, webhook, task, workflow");
    Files.writeString(folder.resolve("two.yaml"), ONE);
    assertThat(apply().err()).startsWith("task/backup stands twice: in ");
    Files.writeString(folder.resolve("two.yaml"), "kind: schedule\ncron: x\n");
    assertThat(apply().err()).contains("a schedule needs either task or workflow");
    Files.writeString(folder.resolve("two.yaml"), "a: [");
    assertThat(apply().err()).contains("two.yaml is not valid YAML");
    assertThat(supervisor.asked()).isEmpty();
    assertThat(Typed.at(supervisor).run("apply", "-f", "/nowhere.yaml").err())
        .isEqualTo("/nowhere.yaml cannot be read (NoSuchFileException).\n");
  }

  @Test
  void a_refusal_names_the_object_and_its_file() {
    supervisor.on(BY_NAME, "[]").problem("POST /acme/task", 400, "It is wrong.", "");

    var ended = apply();

    assertThat(ended.err()).startsWith("task/backup (").endsWith("one.yaml): It is wrong.\n");
    assertThat(ended.code()).isEqualTo(2);
  }
}
