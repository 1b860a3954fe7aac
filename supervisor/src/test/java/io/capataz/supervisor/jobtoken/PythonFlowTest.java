package io.capataz.supervisor.jobtoken;

import static io.capataz.supervisor.jobtoken.Calling.tokenOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.testing.Missing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python package starts functions with the token of a run, and gets what they return. */
class PythonFlowTest {

  private final Calling it = new Calling(TestSupervisor.shared());

  @Test
  void a_run_in_python_starts_functions_and_gets_their_results(@TempDir Path folder)
      throws Exception {
    Missing.unless(
        List.of(System.getenv("PATH").split(":", -1)).stream()
            .anyMatch(each -> Files.isExecutable(Path.of(each, "python3"))),
        "No python3 on the path: calls of functions by functions are not tested.");
    it.function("child");
    it.function("other");
    var parent = it.running(it.function("parent", it.named("child")));
    var script =
        """
        from capataz import CapatazError, call, start
        one = start("%1$s.child")
        two = start("%1$s.child")
        print(one.result() + two.result())
        try:
            start("%1$s.other")
        except CapatazError as refused:
            print(refused)
        try:
            call("%1$s.child")
        except CapatazError as raised:
            print(raised.error["type"])
        """
            .formatted(it.library);
    var process = python(folder, script, tokenOf(parent));

    returning(it.begun(), 1);
    returning(it.begun(), 2);
    it.agent.returned(
        it.begun(),
        new Outcome.ExitedWith(1),
        Map.of(
            "state",
            "failure",
            "data",
            Map.of("type", "ValueError", "message", "no", "traceback", "line 1")));

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    var printed = Files.readString(folder.resolve("printed"));
    assertThat(printed.lines()).hasSize(3).startsWith("3").endsWith("ValueError");
    assertThat(printed).contains("There is no task " + it.named("other"));
  }

  private void returning(WorkOrder order, int value) {
    it.agent.returned(order, new Outcome.Succeeded(), Map.of("state", "success", "data", value));
  }

  private Process python(Path folder, String script, String token) throws Exception {
    var python =
        new ProcessBuilder("python3", "-c", script)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("printed").toFile());
    var variables = python.environment();
    variables.put("PYTHONPATH", Path.of("..", "sdk", "src", "main", "python").toString());
    variables.put("CAPATAZ_API_URL", it.supervisor.request("/").build().uri().toString());
    variables.put(WorkOrder.JOB_TOKEN, token);
    return python.start();
  }
}
