package io.capataz.supervisor.draft;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.draft.Draft.Running;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.TaskTransfers;
import io.capataz.supervisor.web.ApiProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks and tries drafts: as jobs on a host, by the script {@code rail.py}. A supervisor runs
 * nothing that a model wrote. The job is of no task that is stored, so that nobody can run it again
 * in another way.
 */
@Component
class Rail {

  private static final String DRAFT = "@DRAFT@";
  private static final String SCRIPT = resource("rail.py");
  private static final int TIMEOUT_SECONDS = 180;
  private static final int OUTPUT_LIMIT = 256 * 1024;

  private final StoredFiles files;
  private final TaskTransfers tasks;
  private final Submissions submissions;

  Rail(StoredFiles files, TaskTransfers tasks, Submissions submissions) {
    this.files = files;
    this.tasks = tasks;
    this.submissions = submissions;
  }

  static String resource(String name) {
    try (var resource = Objects.requireNonNull(Rail.class.getResourceAsStream(name))) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The script of a check or a trial; the files of the version are in it. */
  static String scriptOf(DraftFiles version) {
    var json = MessageJson.mapper().writeValueAsString(version.files());
    var encoded = Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    return SCRIPT.replace(DRAFT, encoded);
  }

  /** Where a job is to run: a body with {@code pool}, {@code host_id} and {@code run_as}. */
  record Place(ObjectNode fields) {}

  /**
   * Something that is ready to be submitted. Everything that a caller can do wrong has been
   * checked.
   */
  static final class Ready {
    private final TaskTransfers.Checked task;

    private Ready(TaskTransfers.Checked task) {
      this.task = task;
    }
  }

  /**
   * Prepares a job.
   *
   * @throws ApiProblem 400 if it cannot run there; 403 if the organization has as many scripts as
   *     it may have
   */
  Ready prepare(Caller.Member caller, Draft draft, Step step, Place place) {
    var name = step.word() + "-of-draft.py";
    var text = scriptOf(files.of(draft, draft.current()));
    var body = place.fields().deepCopy();
    body.put("name", step.word() + " of the draft " + draft.name());
    body.put("timeout", TIMEOUT_SECONDS).put("output_limit", OUTPUT_LIMIT);
    var acls = body.putArray("acls");
    draft.acl().entries().forEach(acls::add);
    if (caller instanceof Caller.Person person) {
      acls.add(person.email());
    }
    body.putArray("task_arguments")
        .addObject()
        .put("type", "input")
        .put("label", "step")
        .put("order", 0);
    body.putObject("script").put("filename", name).put("content", text);
    return new Ready(tasks.check(caller, body));
  }

  /**
   * Submits the job that the draft names; once, however often it is called.
   *
   * @throws ApiProblem 403 or 429 if the organization has as much as it may have
   */
  Job submit(Caller.Member caller, Draft draft, Running running, Ready ready) {
    var task = tasks.unstored(ready.task);
    var run =
        new RunRequest(
            List.of(running.step().word()), 0, null, null, false, List.of(), List.of(), null);
    var origin = new Origin(DraftFollowUp.DRAFT, draft.id());
    var cause = new Cause(origin, caller.name(), User.of(caller), null);
    return submissions.submitAs(running.job(), task, run, cause);
  }
}
