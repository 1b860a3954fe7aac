package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Missing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The notebook of seed 000, cell by cell, by a real Python; see seed000/README.md. */
class Seed000IT {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final List<String> FILES =
      List.of("notebook.txt", "run_notebook.py", "requests_or_like.py", "calls.py");

  @TempDir static Path temporary;

  private static Standalone capataz;

  @BeforeAll
  static void aHost() throws IOException {
    python();
    capataz = Standalone.start(temporary.resolve("data"));
    capataz.host();
    for (String file : FILES) {
      try (InputStream resource = Seed000IT.class.getResourceAsStream("/seed000/" + file)) {
        Files.copy(Objects.requireNonNull(resource, file), temporary.resolve(file));
      }
    }
  }

  @AfterAll
  static void stop() {
    if (capataz != null) {
      capataz.close();
    }
  }

  @Test
  void the_notebook_runs_with_its_import_line_unchanged() throws IOException {
    ObjectNode cells = JSON.createObjectNode();
    for (JsonNode cell : run("run_notebook.py", "notebook.txt", capataz.address())) {
      cells.set(cell.path("cell").asString(), cell);
    }

    int age = age();
    assertThat(cells.path("7").path("value").asInt()).isEqualTo(age);
    assertThat(printed(cells, "8"))
        .matches(
            "\\[[-\\d]+ [:\\d]+,\\d{3}] \\[INFO] age_calculator has been successfully registered\\."
                + " The most recent version available is 0\\.1 !!\n");
    assertThat(printed(cells, "24")).isEqualTo("Tasks loaded  !!\n");
    assertThat(printed(cells, "26"))
        .isEqualTo(
            """
            Version 0.1 for the task age_calculator has been successfully promoted to O  !!
            Tasks loaded  !!
            """);
    assertThat(cells.path("34").path("value").toString())
        .isEqualTo("{\"status\":\"success\",\"data\":" + age + ",\"dataFormat\":\"json\"}");
    assertThat(cells.path("46").path("value").asString())
        .isEqualTo("Hello Athena your age is => " + age);
    assertThat(printed(cells, "47"))
        .contains("AgeCalculatorClass has been successfully registered");
    assertThat(cells.path("54").at("/value/status").asString()).isEqualTo("success");
    assertThat(cells.path("54").at("/value/data").asString())
        .matches("Hello \\S.* your age is => " + age);
    assertThat(cells.path("59").path("value").toString())
        .isEqualTo("{\"status\":\"success\",\"data\":" + age + ",\"dataFormat\":\"json\"}");
  }

  private static String printed(ObjectNode cells, String cell) {
    return cells.path(cell).path("printed").asString();
  }

  /** As the notebook counts. */
  private static int age() {
    long days =
        ChronoUnit.DAYS.between(LocalDate.of(1984, 8, 18), LocalDate.now(ZoneId.systemDefault()));
    return (int) (days / 365.2425);
  }

  @Test
  void every_other_call_is_answered_clearly() throws IOException {
    ObjectNode calls = JSON.createObjectNode();
    for (JsonNode call : run("calls.py", capataz.address(), capataz.tokenOfUser())) {
      calls.set(call.path("call").asString(), call);
    }

    assertThat(calls.path("value").at("/body/data").asDouble()).isEqualTo(0.25);
    JsonNode raised = calls.path("raised");
    failed(raised, 422, "ZeroDivisionError: division by zero");
    assertThat(raised.at("/body/error/traceback").asString())
        .contains("File \"divide.py\"", "return a / b")
        .doesNotContain("worker.py", temporary.toString());
    assertThat(calls.path("returned exception").at("/body/data").asString()).isEqualTo("negative");
    failed(calls.path("wrong type"), 400, "/arguments/a: must be of the type int");
    failed(calls.path("missing argument"), 400, "/arguments/b: is required.");
    failed(calls.path("unknown endpoint"), 404, "no endpoint `multiply`");
    failed(calls.path("unknown version"), 404, "no version 0.7");
    failed(calls.path("not promoted"), 403, "has been promoted");
    failed(calls.path("not deployable"), 403, "cannot be deployed");
    assertThat(calls.path("promoted").at("/body/data").asDouble()).isEqualTo(1);
    failed(calls.path("not opened"), 403, "not open to callers");
    assertThat(calls.path("by the library").path("body").asDouble()).isEqualTo(4.5);
    assertThat(calls.path("arrow").path("body").toString())
        .isEqualTo("{\"same\":true,\"type\":\"application/vnd.apache.arrow.stream\"}");
    assertThat(calls.path("deployed").at("/body/data/job").asString()).hasSize(24);
  }

  private static void failed(JsonNode call, int status, String message) {
    assertThat(call.path("status").asInt()).as(call.toString()).isEqualTo(status);
    assertThat(call.at("/body/status").asString()).isEqualTo("failed");
    assertThat(call.at("/body/message").asString()).contains(message);
  }

  /** The lines that a script printed. */
  private static List<JsonNode> run(String script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(python().toString(), script));
    command.addAll(List.of(arguments));
    Path sources = Path.of("..", "sdk", "src", "main").toAbsolutePath().normalize();
    Path errors = temporary.resolve(script + ".errors");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(temporary.toFile()).redirectError(errors.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "PYTHONPATH",
                sources.resolve("python") + ":" + sources.resolve("python-alias"),
                "PYTHONDONTWRITEBYTECODE",
                "1",
                "LOGNAME",
                "Athena",
                "CAPATAZ_API_URL",
                capataz.address(),
                "CAUTH_TOKEN",
                "JWT " + capataz.token()));
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.onExit().orTimeout(120, TimeUnit.SECONDS).join().exitValue();
    assertThat(code).as(text + Files.readString(errors)).isZero();
    return text.lines().map(JSON::readTree).toList();
  }

  private static Path python() {
    Optional<Path> found =
        Arrays.stream(System.getenv("PATH").split(":"))
            .filter(folder -> folder.startsWith("/"))
            .flatMap(folder -> Stream.of(Path.of(folder, "python3")))
            .filter(Files::isExecutable)
            .findFirst();
    Missing.unlessOrFailInCi(
        found.isPresent(), "No python3 on the path: seed 000 is not tested. Install python3.");
    return found.orElseThrow();
  }
}
