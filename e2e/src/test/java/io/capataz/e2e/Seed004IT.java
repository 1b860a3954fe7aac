package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Missing;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * The original's clients work as they are: its four examples in three languages, see
 * seed004/README.md.
 */
class Seed004IT {

  /** The id that stands in the seed's scripts. */
  private static final String SEED_TASK = "61098ee1a3013300120c687b";

  private static final Pattern FIRST_ID =
      Pattern.compile("(?<!_)\\bid[\"']?: ?[\"']([0-9a-f]{24})[\"']");

  @TempDir static Path temporary;

  private static Standalone capataz;
  private static JsonNode task;

  enum Language {
    BASH("sh", "bash", "Install bash and curl"),
    NODE("js", "node", "Install Node.js"),
    PYTHON("py", "python3", "Install python3-requests");

    private final String extension;
    private final String name;
    private final String advice;

    Language(String extension, String name, String advice) {
      this.extension = extension;
      this.name = name;
      this.advice = advice;
    }

    /** Succeeds where the examples can run. */
    private List<String> check() {
      return switch (this) {
        case BASH -> List.of("-c", "command -v curl");
        case NODE -> List.of("--version");
        case PYTHON -> List.of("-c", "import requests");
      };
    }

    /** The first on the path that can do what the examples need; a later one may be able to. */
    Optional<Path> interpreter() {
      return folders()
          .map(folder -> folder.resolve(name))
          .filter(Files::isExecutable)
          .filter(this::works)
          .findFirst();
    }

    private boolean works(Path interpreter) {
      List<String> command = new ArrayList<>(List.of(interpreter.toString()));
      command.addAll(check());
      try {
        return Answer.of(new ProcessBuilder(command)).code() == 0;
      } catch (IOException e) {
        return false;
      }
    }

    private static Stream<Path> folders() {
      return Stream.concat(
          Arrays.stream(System.getenv("PATH").split(":"))
              .filter(folder -> !folder.isBlank())
              .map(Path::of),
          Stream.of(Path.of("/usr/bin"), Path.of("/usr/local/bin")));
    }
  }

  /** What a script said and how it ended. */
  private record Answer(int code, String text) {

    static Answer of(ProcessBuilder builder) throws IOException {
      Process process = builder.redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(process.onExit().orTimeout(60, TimeUnit.SECONDS).join().exitValue(), text);
    }
  }

  @BeforeAll
  static void aTaskOnAHost() throws IOException {
    capataz = Standalone.start(temporary.resolve("data"));
    task = capataz.createTask("greet", "#!/bin/sh\necho hello from seed 004\n", Map.of());
  }

  @AfterAll
  static void stop() {
    if (capataz != null) {
      capataz.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void example_1_lists_the_tasks(Language language) throws IOException {
    assertThat(run(language, "list-tasks")).contains(id(task)).contains("greet");
  }

  @ParameterizedTest
  @EnumSource
  void example_2_gets_a_task_by_its_id(Language language) throws IOException {
    assertThat(run(language, "get-task")).contains(id(task)).contains("greet");
  }

  @ParameterizedTest
  @EnumSource
  void example_3_runs_a_task_with_its_secret_key(Language language) throws IOException {
    assertRan(run(language, "run-with-secret-key", id(task), task.path("secret").asString()));
  }

  @ParameterizedTest
  @EnumSource
  void example_4_runs_a_task_with_the_integration_token(Language language) throws IOException {
    assertRan(run(language, "run-with-token", id(task), capataz.token()));
  }

  private static String id(JsonNode thing) {
    return thing.path("id").asString();
  }

  private static void assertRan(String answer) {
    Matcher id = FIRST_ID.matcher(answer);
    assertThat(id.find()).as("a job in: " + answer).isTrue();
    JsonNode job = capataz.endedJob(id.group(1));
    assertThat(job.path("task_id").asString()).isEqualTo(id(task));
    assertThat(job.path("state").asString()).as(job.toString()).isEqualTo("success");
    assertThat(capataz.output(id.group(1))).isEqualTo("hello from seed 004\n");
  }

  private static String run(Language language, String example, String... arguments)
      throws IOException {
    Path interpreter = interpreter(language);
    List<String> command =
        new ArrayList<>(List.of(interpreter.toString(), script(language, example).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "THEEYE_ORGANIZATION_NAME", Standalone.CUSTOMER, "THEEYE_TOKEN", capataz.token()));
    Answer answer = Answer.of(builder);
    assertThat(answer.code()).as(answer.text()).isZero();
    return answer.text();
  }

  /** Where everything must be there it is a failure; elsewhere the story is not told, aloud. */
  private static Path interpreter(Language language) {
    Optional<Path> found = language.interpreter();
    Missing.unlessOrFailInCi(
        found.isPresent(),
        "No %s on this machine can run the examples of seed 004. %s."
            .formatted(language, language.advice));
    return found.orElseThrow();
  }

  /** The seed's script with this supervisor's port and this task's id. */
  private static Path script(Language language, String example) throws IOException {
    String name = example + "." + language.extension;
    try (InputStream resource = Seed004IT.class.getResourceAsStream("/seed004/" + name)) {
      String port = Integer.toString(URI.create(capataz.address()).getPort());
      String text =
          new String(Objects.requireNonNull(resource, name).readAllBytes(), StandardCharsets.UTF_8)
              .replace("127.0.0.1:8080", "127.0.0.1:" + port)
              .replace("port: 8080", "port: " + port)
              .replace(SEED_TASK, id(task));
      return Files.writeString(temporary.resolve(name), text);
    }
  }
}
