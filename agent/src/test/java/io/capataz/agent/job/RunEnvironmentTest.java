package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.Orders;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunEnvironmentTest {

  @TempDir Path runs;

  private Map<String, String> of(Map<String, String> ordered) throws IOException {
    WorkOrder order = Orders.with(Orders.shell("j1", "true"), List.of(), ordered);
    var script = Script.inOrder(order.script(), Bytes.utf8("true"));
    return RunEnvironment.of(
        order,
        Workspace.make(runs, order, script, Optional.empty()),
        Optional.empty(),
        URI.create("https://capataz.example.com"),
        Path.of("/data/commands"));
  }

  @Test
  void is_small_and_fixed() throws IOException {
    Map<String, String> variables = of(Map.of());

    assertThat(variables)
        .containsOnlyKeys(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "PYTHONUNBUFFERED",
            "PYTHONPATH",
            "LANG",
            "TMPDIR",
            "CAPATAZ_JOB_ID",
            "CAPATAZ_TASK_ID",
            "CAPATAZ_TASK_NAME",
            "CAPATAZ_ATTEMPT",
            "CAPATAZ_ORGANIZATION",
            "CAPATAZ_API_URL",
            "CAPATAZ_OUTPUT",
            "CAPATAZ_PROGRESS",
            "THEEYE_JOB",
            "THEEYE_JOB_USER",
            "THEEYE_JOB_WORKFLOW",
            "THEEYE_ORGANIZATION_NAME",
            "THEEYE_API_URL")
        .containsEntry(
            "PATH", "/data/commands:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .containsEntry("LANG", "C.UTF-8")
        .containsEntry("LOGNAME", variables.get("USER"))
        .containsEntry("SHELL", "/bin/sh")
        .containsEntry("PYTHONUNBUFFERED", "1")
        .containsEntry("PYTHONPATH", "/data/commands/python")
        .containsEntry("CAPATAZ_JOB_ID", "j1")
        .containsEntry("CAPATAZ_TASK_NAME", "nightly backup")
        .containsEntry("CAPATAZ_ATTEMPT", "1")
        .containsEntry("THEEYE_JOB", "{\"id\":\"j1\",\"task_id\":\"task-1\"}")
        .containsEntry("THEEYE_ORGANIZATION_NAME", "\"acme\"")
        .containsEntry("THEEYE_API_URL", "\"https://capataz.example.com\"")
        .containsEntry("THEEYE_JOB_USER", "{}");
  }

  @Test
  void the_order_adds_and_overrides_but_not_who_the_job_is() throws IOException {
    var variables =
        of(
            Map.of(
                "PATH",
                "/opt/bin",
                "MINE",
                "1",
                "PYTHONPATH",
                "/opt/python",
                "CAPATAZ_JOB_ID",
                "forged",
                "THEEYE_JOB_USER",
                "{\"id\":\"u1\"}"));

    assertThat(variables)
        .containsEntry("PATH", "/data/commands:/opt/bin")
        .containsEntry("MINE", "1")
        .containsEntry("PYTHONPATH", "/opt/python:/data/commands/python")
        .containsEntry("THEEYE_JOB_USER", "{\"id\":\"u1\"}")
        .containsEntry("CAPATAZ_JOB_ID", "j1");
  }
}
