package io.capataz.agent;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import io.capataz.common.protocol.WorkOrder.SecretFile;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Creates work orders for tests. */
public final class Orders {

  private Orders() {}

  /** A job that runs this shell script, with a timeout of a minute and a grace time of a second. */
  public static WorkOrder shell(String job, String script) {
    return order(job, script("run.sh", script), Duration.ofMinutes(1));
  }

  public static WorkOrder order(String job, ScriptText script, Duration timeout) {
    return new WorkOrder(
        job,
        1,
        "claimed-later-on",
        "acme",
        "task-1",
        "nightly backup",
        script,
        List.of(),
        Map.of(),
        timeout,
        Duration.ofSeconds(1),
        null,
        Handling.USUAL,
        List.of(),
        List.of(),
        List.of());
  }

  public static WorkOrder with(
      WorkOrder order, List<String> arguments, Map<String, String> environment) {
    return changed(
        order,
        order.claim(),
        arguments,
        environment,
        order.runAs(),
        order.handling(),
        order.files(),
        order.secrets());
  }

  public static WorkOrder as(WorkOrder order, String runAs) {
    return changed(
        order,
        order.claim(),
        order.arguments(),
        order.environment(),
        runAs,
        order.handling(),
        order.files(),
        order.secrets());
  }

  public static WorkOrder withFiles(WorkOrder order, List<FileArgument> files) {
    return changed(
        order,
        order.claim(),
        order.arguments(),
        order.environment(),
        order.runAs(),
        order.handling(),
        files,
        order.secrets());
  }

  public static WorkOrder handled(WorkOrder order, Handling handling, List<String> secrets) {
    return changed(
        order,
        order.claim(),
        order.arguments(),
        order.environment(),
        order.runAs(),
        handling,
        order.files(),
        secrets);
  }

  public static WorkOrder claimed(WorkOrder order, String claim) {
    return changed(
        order,
        claim,
        order.arguments(),
        order.environment(),
        order.runAs(),
        order.handling(),
        order.files(),
        order.secrets());
  }

  /** The same job with other settings. */
  private static WorkOrder changed(
      WorkOrder order,
      String claim,
      List<String> arguments,
      Map<String, String> environment,
      @Nullable String runAs,
      Handling handling,
      List<FileArgument> files,
      List<String> secrets) {
    return new WorkOrder(
        order.job(),
        order.attempt(),
        claim,
        order.organization(),
        order.task(),
        order.taskName(),
        order.script(),
        arguments,
        environment,
        order.timeout(),
        order.grace(),
        runAs,
        handling,
        files,
        secrets,
        order.secretFiles());
  }

  /** The same job with secret files. */
  public static WorkOrder withSecretFiles(WorkOrder order, List<SecretFile> secretFiles) {
    return new WorkOrder(
        order.job(),
        order.attempt(),
        order.claim(),
        order.organization(),
        order.task(),
        order.taskName(),
        order.script(),
        order.arguments(),
        order.environment(),
        order.timeout(),
        order.grace(),
        order.runAs(),
        order.handling(),
        order.files(),
        order.secrets(),
        secretFiles);
  }

  /** The same job with a script that must be fetched. */
  public static WorkOrder withoutContent(WorkOrder order) {
    var script = order.script();
    return new WorkOrder(
        order.job(),
        order.attempt(),
        order.claim(),
        order.organization(),
        order.task(),
        order.taskName(),
        new ScriptText(script.filename(), script.digest(), script.interpreter(), null),
        order.arguments(),
        order.environment(),
        order.timeout(),
        order.grace(),
        order.runAs(),
        order.handling(),
        order.files(),
        order.secrets(),
        order.secretFiles());
  }

  public static ScriptText script(String filename, String text) {
    var content = Bytes.utf8(text);
    return new ScriptText(filename, content.sha256(), null, content);
  }
}
