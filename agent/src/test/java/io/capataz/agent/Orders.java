package io.capataz.agent;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.common.protocol.WorkOrder.Grant;
import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.common.protocol.WorkOrder.Owner;
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
        new Grant(job, 1, "claimed-later-on"),
        new Owner("acme", "task-1", "nightly backup"),
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
    return new Change(order).arguments(arguments).environment(environment).made();
  }

  public static WorkOrder as(WorkOrder order, String runAs) {
    return new Change(order).runAs(runAs).made();
  }

  public static WorkOrder withFiles(WorkOrder order, List<FileArgument> files) {
    return new Change(order).files(files).made();
  }

  public static WorkOrder handled(WorkOrder order, Handling handling, List<String> secrets) {
    return new Change(order).handling(handling).secrets(secrets).made();
  }

  public static WorkOrder claimed(WorkOrder order, String claim) {
    return new Change(order).claim(claim).made();
  }

  /** The same job with secret files. */
  public static WorkOrder withSecretFiles(WorkOrder order, List<SecretFile> secretFiles) {
    return new Change(order).secretFiles(secretFiles).made();
  }

  /** The same job with a script that must be fetched. */
  public static WorkOrder withoutContent(WorkOrder order) {
    var script = order.script();
    return new Change(order)
        .script(new ScriptText(script.filename(), script.digest(), script.interpreter(), null))
        .made();
  }

  /** The same job with other settings. */
  private static final class Change {
    private final WorkOrder order;
    private String claim;
    private ScriptText script;
    private List<String> arguments;
    private Map<String, String> environment;
    private @Nullable String runAs;
    private Handling handling;
    private List<FileArgument> files;
    private List<String> secrets;
    private List<SecretFile> secretFiles;

    Change(WorkOrder order) {
      this.order = order;
      claim = order.claim();
      script = order.script();
      arguments = order.arguments();
      environment = order.environment();
      runAs = order.runAs();
      handling = order.handling();
      files = order.files();
      secrets = order.secrets();
      secretFiles = order.secretFiles();
    }

    Change claim(String other) {
      claim = other;
      return this;
    }

    Change script(ScriptText other) {
      script = other;
      return this;
    }

    Change arguments(List<String> other) {
      arguments = other;
      return this;
    }

    Change environment(Map<String, String> other) {
      environment = other;
      return this;
    }

    Change runAs(String other) {
      runAs = other;
      return this;
    }

    Change handling(Handling other) {
      handling = other;
      return this;
    }

    Change files(List<FileArgument> other) {
      files = other;
      return this;
    }

    Change secrets(List<String> other) {
      secrets = other;
      return this;
    }

    Change secretFiles(List<SecretFile> other) {
      secretFiles = other;
      return this;
    }

    WorkOrder made() {
      return new WorkOrder(
          new Grant(order.job(), order.attempt(), claim),
          order.owner(),
          script,
          arguments,
          environment,
          order.timeout(),
          order.grace(),
          runAs,
          handling,
          files,
          secrets,
          secretFiles);
    }
  }

  public static ScriptText script(String filename, String text) {
    var content = Bytes.utf8(text);
    return new ScriptText(filename, content.sha256(), null, content);
  }
}
