package io.capataz.agent.job;

import io.capataz.agent.process.Account;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.WorkOrder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The environment of a script. Variables of the agent's own process are not passed on. */
final class RunEnvironment {

  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private RunEnvironment() {}

  /**
   * The environment of one run.
   *
   * @param as the user it runs as; empty for the agent's own user
   * @param commands folder of the commands for scripts
   */
  static Map<String, String> of(
      WorkOrder order, Workspace workspace, Optional<Account> as, URI supervisor, Path commands) {
    var variables = new HashMap<String, String>();
    variables.put("PATH", PATH);
    var home = as.map(Account::home).orElse(System.getProperty("user.home"));
    // A user of its own has no other home.
    variables.put("HOME", home.isEmpty() ? workspace.directory().toString() : home);
    variables.put("USER", as.map(Account::name).orElse(System.getProperty("user.name")));
    variables.put("LOGNAME", variables.get("USER"));
    variables.put("SHELL", "/bin/sh");
    variables.put("LANG", "C.UTF-8");
    // Else output is seen only when the script has ended.
    variables.put("PYTHONUNBUFFERED", "1");
    variables.put("TMPDIR", workspace.temporary().toString());

    // The five variables of TheEye, as JSON. Set before the variables of the order, because tasks
    // may override them, and only the supervisor knows the user and the workflow.
    variables.put("THEEYE_JOB", json(new TheEyeJob(order.job(), order.owner().task())));
    variables.put("THEEYE_JOB_USER", "{}");
    variables.put("THEEYE_JOB_WORKFLOW", "{}");
    variables.put("THEEYE_ORGANIZATION_NAME", json(order.owner().organization()));
    variables.put("THEEYE_API_URL", json(supervisor.toString()));

    variables.putAll(order.environment());
    variables.putAll(workspace.secretFiles());
    variables.compute("PATH", (_, path) -> commands + ":" + path);
    // After the task's own, so that it can bring another version of the package.
    variables.merge(
        "PYTHONPATH", PythonPackage.in(commands).toString(), (own, ours) -> own + ":" + ours);

    variables.put("CAPATAZ_JOB_ID", order.job());
    variables.put("CAPATAZ_TASK_ID", order.owner().task());
    variables.put("CAPATAZ_TASK_NAME", order.owner().taskName());
    variables.put("CAPATAZ_ATTEMPT", Integer.toString(order.attempt()));
    variables.put("CAPATAZ_ORGANIZATION", order.owner().organization());
    variables.put("CAPATAZ_API_URL", supervisor.toString());
    variables.put("CAPATAZ_OUTPUT", workspace.result().toString());
    variables.put("CAPATAZ_PROGRESS", workspace.progress().toString());
    return variables;
  }

  private record TheEyeJob(String id, String taskId) {}

  private static String json(Object value) {
    return new String(MessageJson.write(value), StandardCharsets.UTF_8);
  }
}
