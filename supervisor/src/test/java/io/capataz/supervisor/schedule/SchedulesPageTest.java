package io.capataz.supervisor.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The commands of {@code docs/schedules.md} do what the page says. */
class SchedulesPageTest {

  private static final Pattern BLOCK = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f]{24})\"");

  @Test
  void every_command_of_the_page_is_done() throws Exception {
    var supervisor = TestSupervisor.shared();
    var parameter = Map.of("type", "input", "label", "kind");
    var task =
        new TestWork(supervisor)
            .taskOn(TestAgent.enrolled(supervisor), Map.of("task_arguments", List.of(parameter)));
    var blocks =
        BLOCK.matcher(Files.readString(Path.of("../docs/schedules.md"))).results().toList();
    assertThat(blocks).hasSizeGreaterThan(3);
    var schedule = "";
    for (var block : blocks) {
      var script = block.group(1).replace("curl ", "curl --fail-with-body ");
      var said = run(script, supervisor, task, schedule);
      var id = ID.matcher(said);
      if (schedule.isEmpty() && id.find()) {
        schedule = id.group(1);
      }
    }
    assertThat(schedule).isNotEmpty();
    var now = supervisor.get("/schedule/" + schedule);
    assertThat(now.text("/zone")).isEqualTo("Europe/Madrid");
    assertThat(now.text("/disabled")).isEqualTo("false");
  }

  private static String run(String script, TestSupervisor supervisor, String task, String schedule)
      throws IOException, InterruptedException {
    var shell = new ProcessBuilder("sh", "-euc", script).redirectErrorStream(true);
    shell.environment().put("CAPATAZ", supervisor.request("").build().uri().toString());
    shell.environment().put("TOKEN", supervisor.token());
    shell.environment().put("TASK", task);
    shell.environment().put("SCHEDULE", schedule);
    var process = shell.start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).describedAs(script + said).isZero();
    return said;
  }
}
