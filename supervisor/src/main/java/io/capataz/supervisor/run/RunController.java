package io.capataz.supervisor.run;

import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Decisions;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobEnds;
import io.capataz.supervisor.job.JobFiles;
import io.capataz.supervisor.job.JobSecrets;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.KeyHolderView;
import io.capataz.supervisor.job.NewJobs;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.result.JobKeys;
import io.capataz.supervisor.result.ResultAddress;
import io.capataz.supervisor.result.WaitPreference;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.task.DoneBy;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.vault.CannotOpen;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.LargeBody;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Running tasks; seed 004, "Ejecutar tareas".
 *
 * <p>All of these routes accept the same body: {@code task_arguments} and the fields of {@link
 * RunFields}, and refuse any other field. With an {@code Idempotency-Key}, repeating the same
 * request within a day returns the same job, marked {@code Idempotency-Replayed}; a different
 * request with that key is rejected with 422.
 *
 * <p>There are two ways to wait for the end. With {@code Prefer: wait=20} (RFC 7240; at most 60
 * seconds) the response is the job once it has ended or the time is up, marked {@code
 * Preference-Applied}. With {@code wait_result: true}, in the body or the query, it is 303 to the
 * result; see {@code GET …/result}.
 */
@RestController
class RunController {

  private final Submissions submissions;
  private final Jobs jobs;
  private final NewJobs newJobs;
  private final Decisions decisions;
  private final JobKeys keys;
  private final JobEnds ends;
  private final JobFiles files;
  private final JobSecrets secrets;
  private final Tasks tasks;
  private final List<OtherRuns> otherRuns;
  private final InstantSource clock;

  RunController(
      Submissions submissions,
      Jobs jobs,
      NewJobs newJobs,
      Decisions decisions,
      JobKeys keys,
      JobEnds ends,
      JobFiles files,
      JobSecrets secrets,
      Tasks tasks,
      List<OtherRuns> otherRuns,
      InstantSource clock) {
    this.otherRuns = List.copyOf(otherRuns);
    this.secrets = secrets;
    this.files = files;
    this.submissions = submissions;
    this.jobs = jobs;
    this.newJobs = newJobs;
    this.decisions = decisions;
    this.keys = keys;
    this.ends = ends;
    this.tasks = tasks;
    this.clock = clock;
  }

  /**
   * {@code POST /{customer}/task/{id}/secret/{key}/job}: runs a task with its secret key alone.
   * With {@code ?wait_result=true} 303 to the result; 409 if the task is disabled; 410 if the job
   * of this {@code Idempotency-Key} was already removed.
   */
  @PostMapping("/{customer}/task/{id}/secret/{key}/job")
  @AcceptsRun
  @Allow(Allow.Who.ANYONE)
  @LargeBody
  ResponseEntity<KeyHolderView> runWithKey(
      @PathVariable String customer,
      @PathVariable String id,
      @PathVariable String key,
      RunCall call,
      ApiInput input)
      throws InterruptedException {
    return byKey(opened(customer, id, key), input, call);
  }

  /**
   * {@code POST /task/{id}/secret/{key}/job}: runs a task with its secret key; the organization is
   * the task's own. With {@code ?wait_result=true} 303 to the result; 409 if the task is disabled;
   * 410 if the job of this {@code Idempotency-Key} was already removed.
   */
  @PostMapping("/task/{id}/secret/{key}/job")
  @AcceptsRun
  @Allow(Allow.Who.ANYONE)
  @LargeBody
  ResponseEntity<KeyHolderView> runWithKey(
      @PathVariable String id, @PathVariable String key, RunCall call, ApiInput input)
      throws InterruptedException {
    var task = tasks.opened(id, Secret.shown(key)).orElseThrow(RunController::noSuchTaskOrKey);
    return byKey(task, input, call);
  }

  /**
   * {@code POST /job/secret/{key}} (seed 004, example 3): runs a task with its secret key; {@code
   * customer} and {@code task} are in the body. With {@code ?wait_result=true} 303 to the result;
   * 409 if the task is disabled; 410 if the job of this {@code Idempotency-Key} was already
   * removed.
   */
  @PostMapping("/job/secret/{key}")
  @AcceptsRun
  @Allow(Allow.Who.ANYONE)
  @LargeBody
  ResponseEntity<KeyHolderView> runWithKey(@PathVariable String key, RunCall call, ApiInput input)
      throws InterruptedException {
    return byKey(opened(addressed(input, "customer"), addressed(input, "task"), key), input, call);
  }

  /**
   * {@code POST /{customer}/task/{id}/job} and {@code POST /task/{id}/job}: runs a task with a
   * token. With {@code ?wait_result=true} 303 to the result; 409 if the task is disabled; 410 if
   * the job of this {@code Idempotency-Key} was already removed.
   */
  @PostMapping({"/{customer}/task/{id}/job", "/task/{id}/job"})
  @AcceptsRun
  @Allow(role = Role.USER, scope = Scope.TASK_RUN, jobs = true)
  @LargeBody
  ResponseEntity<JobView> run(
      @PathVariable String id, RunCall call, ApiInput input, Caller.Member caller)
      throws InterruptedException {
    return run(visible(caller, id), input, call, Cause.of(caller), JobView::of);
  }

  /**
   * {@code POST /job} (seed 004, example 4) and {@code POST /{customer}/job}: runs a task with a
   * token, or a workflow; {@code task} is in the body. With {@code ?wait_result=true} 303 to the
   * result; 409 if the task is disabled; 410 if the job of this {@code Idempotency-Key} was already
   * removed.
   */
  @PostMapping({"/job", "/{customer}/job"})
  @AcceptsRun
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  @LargeBody
  ResponseEntity<?> run(RunCall call, ApiInput input, Caller.Member caller)
      throws InterruptedException {
    var id = addressed(input, "task");
    var task = tasks.runnable(caller, id);
    for (var others = otherRuns.iterator(); task.isEmpty() && others.hasNext(); ) {
      var run = others.next().run(caller, id, input, call);
      if (run.isPresent()) {
        return run.get();
      }
    }
    return run(visible(caller, id), input, call, Cause.of(caller), JobView::of);
  }

  /**
   * {@code POST /{customer}/task/{id}/batch} and {@code POST /task/{id}/batch}: runs a task up to
   * 1,000 times, {@code {runs: [{task_arguments, priority, not_before, start_by, hold}, …]}}. All
   * runs are validated before the first job is created: 400 lists every error in any of them.
   * {@code Idempotency-Key} covers the whole batch. Returns the jobs in the order of the runs. 409
   * if the task is disabled.
   */
  @PostMapping({"/{customer}/task/{id}/batch", "/task/{id:[0-9a-f]+}/batch"})
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  @LargeBody
  ResponseEntity<List<JobView>> batch(
      @PathVariable String id,
      @RequestHeader(name = RunCall.IDEMPOTENCY_KEY, required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller) {
    var task = visible(caller, id);
    checkEnabled(task);
    var posted =
        submissions.submitBatch(task, RunFields.batch(task, input), Cause.of(caller), once);
    return ResponseEntity.ok()
        .headers(replayed(posted.replayed()))
        .body(posted.jobs().stream().map(JobView::of).toList());
  }

  /**
   * {@code PUT /{customer}/job/{id}/restart} and {@code PUT /job/{id}/restart}: runs the task of a
   * finished job again, as the task is now, with the job's arguments or with {@code
   * task_arguments}. Returns the new job, which refers to the old one in {@code restarted_from};
   * the old job does not change. 409 if the job has not ended; 400 if the task's parameters no
   * longer match; 410 as for any run.
   */
  @PutMapping({"/{customer}/job/{id}/restart", "/job/{id:[0-9a-f]+}/restart"})
  @Accepts(query = "task_arguments")
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  @LargeBody
  ResponseEntity<JobView> restart(
      @PathVariable String id,
      @RequestHeader(name = RunCall.IDEMPOTENCY_KEY, required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller) {
    var ended = found(caller, id);
    var task = visible(caller, ended.task());
    var run = RunFields.again(task, ended, argumentsOf(ended), filesOf(ended), input);
    if (!ended.state().isFinal()) {
      throw ApiProblem.conflict(
          "not_ended", "The job has not ended. Wait for its end or cancel it, then restart it.");
    }
    checkEnabled(task);
    var posted = submissions.submit(task, run, Cause.of(caller).restarting(ended), once);
    return ResponseEntity.ok().headers(replayed(posted.replayed())).body(JobView.of(posted.job()));
  }

  /**
   * {@code PUT /{customer}/job/{id}/input} and {@code PUT /job/{id}/input} (seed 004's system):
   * replaces the arguments of a held job, {@code task_arguments} or {@code args}, and releases it.
   * An input ends with them: they are its output. 409 if the job is not held; 400 for an approval
   * or a wait; 403 if an input is asked of somebody else.
   */
  @PutMapping({"/{customer}/job/{id}/input", "/job/{id:[0-9a-f]+}/input"})
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  @LargeBody
  JobView input(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var job = found(caller, id);
    checkMayGive(job, caller);
    var asked = job.doneBy() == DoneBy.PEOPLE;
    var task =
        asked
            ? tasks
                .find(caller.organization(), job.task())
                .orElseThrow(() -> ApiProblem.notFound("The task of the job"))
            : visible(caller, job.task());
    var arguments = RunFields.instead(task, input);
    if (asked) {
      return supplied(id, caller, task, arguments);
    }
    for (var held = found(caller, id); held.state() == JobState.HELD; held = found(caller, id)) {
      var given = newJobs.give(held, task, arguments);
      if (given.isPresent()) {
        // Only now: while it is held nobody runs it, and a retry after a crash replaces them.
        files.replace(given.get(), arguments.files());
        return JobView.of(
            jobs.release(given.get(), caller.name()).orElseGet(() -> found(caller, id)));
      }
      // Something else was recorded in it since, such as its announcement.
    }
    throw notHeld();
  }

  private JobView supplied(String id, Caller.Member caller, Task task, Arguments arguments) {
    for (var held = found(caller, id); held.state() == JobState.HELD; held = found(caller, id)) {
      var supplied = decisions.supply(held, caller, task, arguments.texts());
      if (supplied.isPresent()) {
        return JobView.of(supplied.get());
      }
    }
    throw notHeld();
  }

  private static void checkMayGive(Job job, Caller.Member caller) {
    var action = job.spec().action();
    if (!job.doneBy().hasAttempts() && !(action instanceof AskInput input && input.asks())) {
      throw ApiProblem.badRequest(
          "takes_no_input",
          "A job of type " + action.kind().type() + " takes no input; an input or a script does.");
    }
    if (action instanceof AskInput input
        && !input.people().isEmpty()
        && !input.people().includes(caller)) {
      throw ApiProblem.forbidden(
          "not_asked", "This input is asked of " + input.people() + ", and of nobody else.");
    }
  }

  private static ApiProblem notHeld() {
    return ApiProblem.conflict("not_held", "The job is not held, or was changed at the same time.");
  }

  private Job found(Caller.Member caller, String id) {
    return jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
  }

  private List<String> argumentsOf(Job job) {
    try {
      return secrets.open(job).arguments();
    } catch (CannotOpen cannot) {
      throw ApiProblem.conflict(
          "secret_unreadable",
          "The job's masked arguments can no longer be decrypted. Send the arguments again. "
              + cannot.reason());
    }
  }

  private List<FileArgument> filesOf(Job job) {
    try {
      return files.of(job).orElseThrow(RunController::filesAreGone);
    } catch (CannotOpen sealedOtherwise) {
      throw filesAreGone();
    }
  }

  private static ApiProblem filesAreGone() {
    return ApiProblem.conflict(
        "files_gone", "A file of the job can no longer be read. Post a new job with its files.");
  }

  private ResponseEntity<KeyHolderView> byKey(Task task, ApiInput input, RunCall call)
      throws InterruptedException {
    return run(task, input, call, Cause.SECRET_KEY, KeyHolderView::of);
  }

  private <V> ResponseEntity<V> run(
      Task task, ApiInput input, RunCall call, Cause cause, Function<Job, V> view)
      throws InterruptedException {
    checkEnabled(task);
    var request = RunFields.one(task, input);
    var waitsForResult = RunFields.waitsForResult(input);
    if (cause.origin().equals(Origin.SECRET)) {
      RunFields.checkKeyHolder(input, request, clock.instant());
    }
    var posted = submissions.submit(task, request, cause, call.once());
    var headers = replayed(posted.replayed());
    var job = posted.job();
    if (waitsForResult) {
      return ResponseEntity.status(HttpStatus.SEE_OTHER)
          .headers(headers)
          .location(ResultAddress.first(resultOf(job, cause, call), input).uri())
          .body(view.apply(job));
    }
    var wait = WaitPreference.read(call.prefer());
    if (wait.isPresent()) {
      headers.set("Preference-Applied", "wait=" + wait.get().toSeconds());
      job =
          ends.await(
              job,
              () ->
                  jobs.find(task.organization(), posted.job().id())
                      .orElseThrow(() -> ApiProblem.notFound("The job")),
              wait.get());
    }
    return ResponseEntity.ok().headers(headers).body(view.apply(job));
  }

  private static void checkEnabled(Task task) {
    if (!task.start().enabled()) {
      throw ApiProblem.conflict(
          "task_disabled", "The task is disabled. An administrator can enable it (enable: true).");
    }
  }

  /**
   * Includes a key if nothing else would authenticate the client there; a token is never put into a
   * URL.
   */
  private String resultOf(Job job, Cause cause, RunCall call) {
    var path = "/job/" + job.id();
    return cause.origin().equals(Origin.USER) && call.isSignedInItsHeader()
        ? path + "/result"
        : path + "/secret/" + keys.issue(job).reveal() + "/result";
  }

  private static HttpHeaders replayed(boolean replayed) {
    var headers = new HttpHeaders();
    if (replayed) {
      headers.set("Idempotency-Replayed", "true");
    }
    return headers;
  }

  private static String addressed(ApiInput input, String name) {
    return input
        .bodyText(name)
        .or(() -> input.queryText(name))
        .or(() -> nestedId(input, name))
        .orElseThrow(
            () ->
                ApiProblem.invalid(
                    List.of(
                        new ApiProblem.FieldError(
                            "/" + name, "required", "is required for this route."))));
  }

  /** Clients of seed 004's system may send {@code task: {id: …}}. */
  private static Optional<String> nestedId(ApiInput input, String name) {
    return input.body() instanceof ObjectNode body && body.get(name) instanceof ObjectNode nested
        ? Optional.ofNullable(nested.get("id"))
            .filter(JsonNode::isString)
            .map(JsonNode::stringValue)
        : Optional.empty();
  }

  private Task opened(String customer, String id, String key) {
    return tasks
        .opened(customer, id, Secret.shown(key))
        .orElseThrow(RunController::noSuchTaskOrKey);
  }

  private Task visible(Caller.Member caller, String id) {
    return tasks.runnable(caller, id).orElseThrow(() -> ApiProblem.notFound("The task"));
  }

  private static ApiProblem noSuchTaskOrKey() {
    return ApiProblem.notFound("A task for this key");
  }
}
