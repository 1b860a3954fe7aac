package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.common.protocol.WorkOrder.Grant;
import io.capataz.common.protocol.WorkOrder.Owner;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.credential.Credentials;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobFiles;
import io.capataz.supervisor.job.JobSecrets;
import io.capataz.supervisor.jobtoken.JobTokens;
import io.capataz.supervisor.script.Script;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.vault.CannotOpen;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Creates work orders. This is the only place where secrets are opened for a run; credentials have
 * their current values.
 */
@Component
class WorkOrders {

  private final Scripts scripts;
  private final JobFiles files;
  private final JobSecrets secrets;
  private final Credentials credentials;
  private final JobTokens tokens;

  WorkOrders(
      Scripts scripts,
      JobFiles files,
      JobSecrets secrets,
      Credentials credentials,
      JobTokens tokens) {
    this.tokens = tokens;
    this.scripts = scripts;
    this.files = files;
    this.secrets = secrets;
    this.credentials = credentials;
  }

  /** The job can no longer run; the message says why. */
  static final class CannotStart extends Exception {

    private static final long serialVersionUID = 1L;

    CannotStart(String sentence) {
      super(sentence);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** The bytes of the job's script for an order without it; empty if it was removed. */
  Optional<Bytes> script(Job job) {
    return scripts.find(job.organization(), job.spec().script().script()).map(Script::bytes);
  }

  /**
   * The order for the job's current attempt.
   *
   * @param inline how many bytes of a script it may contain; null: any number
   */
  WorkOrder of(Job job, @Nullable Integer inline) throws CannotStart {
    var run = job.spec().script();
    var script =
        scripts
            .find(job.organization(), run.script())
            .orElseThrow(() -> isGone("The script " + run.script()));
    try {
      var given = files.of(job).orElseThrow(() -> isGone("A file argument"));
      var opened = secrets.open(job);
      var lent = credentials.given(job.organization(), run.credentials());
      var environment = new HashMap<>(opened.action().asScript().environment());
      environment.putAll(lent.environment());
      environment.putAll(callerOf(job));
      var token = tokens.of(job).map(Secret::reveal);
      token.ifPresent(text -> environment.put(WorkOrder.JOB_TOKEN, text));
      return new WorkOrder(
          new Grant(job.id(), job.attempt(), job.fence().claim()),
          new Owner(job.organization(), job.task(), job.spec().taskName()),
          textOf(script, run, inline),
          opened.arguments(),
          environment,
          job.spec().timeout(),
          job.spec().grace(),
          run.runAs(),
          run.handling(),
          given,
          Stream.of(opened.secrets().stream(), lent.secrets().stream(), token.stream())
              .flatMap(it -> it)
              .distinct()
              .toList(),
          lent.files());
    } catch (CannotOpen notSealedHere) {
      throw new CannotStart(notSealedHere.reason());
    } catch (Credentials.NotGiven notGiven) {
      throw new CannotStart(notGiven.reason());
    }
  }

  /** Who asked for the job, for scripts that address people by their names. */
  private static Map<String, String> callerOf(Job job) {
    var variables = new HashMap<String, String>();
    var user = job.provenance().user();
    if (user != null) {
      variables.put(WorkOrder.USER_ID, user.id());
      variables.put(WorkOrder.USER_NAME, user.name());
      if (user.email() != null) {
        variables.put(WorkOrder.USER_EMAIL, user.email());
      }
    }
    return variables;
  }

  private static ScriptText textOf(Script script, RunScript run, @Nullable Integer inline) {
    var content = script.bytes();
    return new ScriptText(
        script.filename(),
        script.digest(),
        run.interpreter() == null ? script.interpreter() : run.interpreter(),
        inline == null || content.length() <= inline ? content : null);
  }

  private static CannotStart isGone(String what) {
    return new CannotStart(what + " was removed after the job was created.");
  }
}
