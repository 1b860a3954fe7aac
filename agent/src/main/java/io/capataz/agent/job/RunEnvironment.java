package io.capataz.agent.job;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.WorkOrder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The variables a script sees. None of the agent's own is among them. */
final class RunEnvironment {

  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private RunEnvironment() {}

  static Map<String, String> of(WorkOrder order, Workspace workspace, URI supervisor) {
    Map<String, String> variables = new HashMap<>();
    variables.put("PATH", PATH);
    variables.put("HOME", System.getProperty("user.home"));
    variables.put("USER", System.getProperty("user.name"));
    variables.put("LANG", "C.UTF-8");
    variables.put("TMPDIR", workspace.temporary().toString());

    // TheEye's five, as JSON text. Below the order's own, because a task may override them there,
    // and because only the supervisor knows the user and the workflow.
    variables.put("THEEYE_JOB", json(new TheEyeJob(order.job(), order.task())));
    variables.put("THEEYE_JOB_USER", "{}");
    variables.put("THEEYE_JOB_WORKFLOW", "{}");
    variables.put("THEEYE_ORGANIZATION_NAME", json(order.organization()));
    variables.put("THEEYE_API_URL", json(supervisor.toString()));

    variables.putAll(order.environment());

    variables.put("CAPATAZ_JOB_ID", order.job());
    variables.put("CAPATAZ_TASK_ID", order.task());
    variables.put("CAPATAZ_TASK_NAME", order.taskName());
    variables.put("CAPATAZ_ATTEMPT", Integer.toString(order.attempt()));
    variables.put("CAPATAZ_ORGANIZATION", order.organization());
    variables.put("CAPATAZ_API_URL", supervisor.toString());
    variables.put("CAPATAZ_OUTPUT", workspace.result().toString());
    return variables;
  }

  private record TheEyeJob(String id, String taskId) {}

  private static String json(Object value) {
    return new String(MessageJson.write(value), StandardCharsets.UTF_8);
  }
}
