package io.capataz.supervisor.task;

import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.vault.CannotOpen;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.vault.Vault;
import java.util.HashMap;
import java.util.List;
import java.util.function.BinaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Seals the masked values of tasks before they are stored, and opens them after reading: a task has
 * its plain values outside the store, and sealed ones inside.
 */
@Component
class TaskSecrets {

  private static final Logger log = LoggerFactory.getLogger(TaskSecrets.class);

  private final Vault vault;

  TaskSecrets(Vault vault) {
    this.vault = vault;
  }

  /** The task as stored. */
  Task sealed(Task task) {
    return changed(
        task,
        (context, value) ->
            // It could not be opened when read, and is stored again for a vault that can.
            Sealed.read(value).isPresent() ? value : vault.sealText(context, value));
  }

  /**
   * The task with its plain values. A value that cannot be opened stays sealed: the task can be
   * viewed and changed, but not run.
   */
  Task opened(Task task) {
    return changed(
        task,
        (context, value) -> {
          try {
            return vault.openText(context, value);
          } catch (CannotOpen cannot) {
            log.atWarn()
                .addKeyValue("task", task.id())
                .addKeyValue("why", cannot.reason())
                .log("masked value of a task cannot be decrypted");
            return value;
          }
        });
  }

  private static Task changed(Task task, BinaryOperator<String> change) {
    var secrets = new HashMap<>(task.action().secrets());
    var masked = task.parameters().stream().anyMatch(p -> p.masked() && p.value() != null);
    if (!masked && secrets.isEmpty()) {
      return task;
    }
    secrets.replaceAll((name, value) -> change.apply(context(task, name), value));
    List<Parameter> parameters =
        task.parameters().stream()
            .map(
                p ->
                    p.masked() && p.value() != null
                        ? p.valued(change.apply(context(task, "parameter/" + p.label()), p.value()))
                        : p)
            .toList();
    return task.valued(parameters, task.action().withSecrets(secrets));
  }

  private static String context(Task task, String field) {
    return Vault.context(task.organization(), "task", task.id(), field);
  }
}
