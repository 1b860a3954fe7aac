package io.capataz.supervisor.job;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.Job.Origin;
import io.capataz.supervisor.task.Arguments;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Running tasks, and looking at what became of it; seed 004, "Ejecutar tareas". */
@RestController
class JobController {

  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
  private static final int PAGE = 100;
  private static final int CHUNKS = 32;

  /** How long a follower sleeps at the most before it looks again by itself. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private final Jobs jobs;
  private final JobOutputs outputs;
  private final JobWatch watch;
  private final JobPosts posts;
  private final WhyWaiting why;
  private final Tasks tasks;
  private final Hosts hosts;

  JobController(
      Jobs jobs,
      JobOutputs outputs,
      JobWatch watch,
      JobPosts posts,
      WhyWaiting why,
      Tasks tasks,
      Hosts hosts) {
    this.jobs = jobs;
    this.outputs = outputs;
    this.watch = watch;
    this.posts = posts;
    this.why = why;
    this.tasks = tasks;
    this.hosts = hosts;
  }

  /** {@code POST /{customer}/task/{id}/secret/{key}/job}: runs a task by its secret key alone. */
  @PostMapping("/{customer}/task/{id}/secret/{key}/job")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<JobView> runWithKey(
      @PathVariable String customer,
      @PathVariable String id,
      @PathVariable String key,
      @RequestHeader(name = IDEMPOTENCY_KEY, required = false) @Nullable String once,
      ApiInput input) {
    return run(opened(customer, id, key), input, once, Origin.SECRET, "secret");
  }

  /** {@code POST /task/{id}/secret/{key}/job}: the same; the organization is the task's own. */
  @PostMapping("/task/{id}/secret/{key}/job")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<JobView> runWithKey(
      @PathVariable String id,
      @PathVariable String key,
      @RequestHeader(name = IDEMPOTENCY_KEY, required = false) @Nullable String once,
      ApiInput input) {
    var task = tasks.opened(id, Secret.of(key)).orElseThrow(JobController::noSuchTaskOrKey);
    return run(task, input, once, Origin.SECRET, "secret");
  }

  /**
   * {@code POST /job/secret/{key}} (seed 004, example 3): {@code customer} and {@code task} come in
   * the body.
   */
  @PostMapping("/job/secret/{key}")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<JobView> runWithKey(
      @PathVariable String key,
      @RequestHeader(name = IDEMPOTENCY_KEY, required = false) @Nullable String once,
      ApiInput input) {
    return run(
        opened(addressed(input, "customer"), addressed(input, "task"), key),
        input,
        once,
        Origin.SECRET,
        "secret");
  }

  /** {@code POST /{customer}/task/{id}/job} and {@code POST /task/{id}/job}: by a token. */
  @PostMapping({"/{customer}/task/{id}/job", "/task/{id}/job"})
  @Allow(role = Role.USER)
  ResponseEntity<JobView> run(
      @PathVariable String id,
      @RequestHeader(name = IDEMPOTENCY_KEY, required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller) {
    return run(visible(caller, id), input, once, Origin.USER, caller.name());
  }

  /**
   * {@code POST /job} (seed 004, example 4) and {@code POST /{customer}/job}: {@code task} comes in
   * the body.
   */
  @PostMapping({"/job", "/{customer}/job"})
  @Allow(role = Role.USER)
  ResponseEntity<JobView> run(
      @RequestHeader(name = IDEMPOTENCY_KEY, required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller) {
    var task = visible(caller, addressed(input, "task"));
    return run(task, input, once, Origin.USER, caller.name());
  }

  /** {@code GET /{customer}/job}: the newest jobs; {@code ?task=} keeps to one task's. */
  @GetMapping("/{customer}/job")
  @Allow(role = Role.VIEWER)
  List<JobView> list(ApiInput input, Caller.Member caller) {
    return jobs.newest(caller, input.queryText("task").orElse(null), PAGE).stream()
        .map(JobView::of)
        .toList();
  }

  /** {@code GET /{customer}/job/{id}}: one job. */
  @GetMapping("/{customer}/job/{id}")
  @Allow(role = Role.VIEWER)
  JobView get(@PathVariable String id, Caller.Member caller) {
    var job = found(caller, id);
    return JobView.of(job, why.of(job).orElse(null));
  }

  /**
   * {@code GET /{customer}/job/{id}/why}: why a job waits: which rule holds it, the numbers, who
   * occupies the place, and what would free it.
   */
  @GetMapping("/{customer}/job/{id}/why")
  @Allow(role = Role.VIEWER)
  WhyWaiting.Answer why(@PathVariable String id, Caller.Member caller) {
    var job = found(caller, id);
    return new WhyWaiting.Answer(id, JobView.of(job).status(), why.of(job).orElse(null));
  }

  /**
   * {@code PUT /{customer}/job/{id}/hold}: keeps a job that has not been claimed from starting
   * until it is released. 409 if an agent has it, or it has ended.
   */
  @PutMapping("/{customer}/job/{id}/hold")
  @Allow(role = Role.USER)
  JobView hold(@PathVariable String customer, @PathVariable String id, Caller.Member caller) {
    if (found(caller, id).state() == JobState.HELD) {
      return JobView.of(found(caller, id));
    }
    return jobs.hold(customer, id, caller.name())
        .map(JobView::of)
        .orElseThrow(
            () ->
                ApiProblem.conflict(
                    "not_waiting",
                    "The job does not wait any more, so it cannot be held; it can be cancelled."));
  }

  /**
   * {@code PUT /{customer}/job/{id}/release}: lets a held job start, or wait for its {@code
   * not_before}. 409 if it is not held.
   */
  @PutMapping("/{customer}/job/{id}/release")
  @Allow(role = Role.USER)
  JobView release(@PathVariable String id, Caller.Member caller) {
    return jobs.release(found(caller, id), caller.name())
        .map(JobView::of)
        .orElseThrow(
            () -> ApiProblem.conflict("not_held", "The job is not held, so it needs no release."));
  }

  /**
   * What became of a wish to cancel; {@code cancel} is one of these words.
   *
   * <ul>
   *   <li><b>canceled</b>: it had not started and never will
   *   <li><b>stopping</b>: its agent is told; SIGTERM follows within a second where it is connected
   *   <li><b>host_unreachable</b>: its agent is told if it is heard of again; an administrator may
   *       force the end
   *   <li><b>forced</b>: ended for us, whatever its host does
   *   <li><b>ended</b>: it had ended before
   * </ul>
   */
  record CancelView(String id, String cancel, JobView job) {}

  /**
   * {@code PUT /{customer}/job/{id}/cancel}: ends a job, before its start or while it runs. {@code
   * ?force=true} (administrators) also ends one whose host cannot be reached.
   */
  @PutMapping("/{customer}/job/{id}/cancel")
  @Allow(role = Role.USER)
  @Audited(when = "force")
  CancelView cancel(
      @PathVariable String customer,
      @PathVariable String id,
      ApiInput input,
      Caller.Member caller) {
    var _ = found(caller, id);
    var asked =
        jobs.cancel(customer, id, caller.name()).orElseThrow(() -> ApiProblem.notFound("The job"));
    var what =
        switch (asked) {
          case CANCELED -> "canceled";
          case ENDED -> "ended";
          case STOPPING -> stopping(customer, id, input, caller);
        };
    return new CancelView(id, what, JobView.of(found(caller, id)));
  }

  private String stopping(String customer, String id, ApiInput input, Caller.Member caller) {
    if (input.queryText("force").map("true"::equals).orElse(false)) {
      if (!caller.role().covers(Role.ADMIN)) {
        throw ApiProblem.forbidden("To force the end of a job takes the role ADMIN.");
      }
      return force(id, caller) ? "forced" : "ended";
    }
    var reachable =
        found(caller, id)
            .host()
            .flatMap(host -> hosts.find(customer, host))
            .filter(host -> !host.silent())
            .isPresent();
    return reachable ? "stopping" : "host_unreachable";
  }

  private boolean force(String id, Caller.Member caller) {
    // Again while it moves: what is given up must be the attempt that was looked at.
    for (var job = found(caller, id); job.state().isUnderWay(); job = found(caller, id)) {
      if (jobs.force(job, caller.name()).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /**
   * {@code GET /{customer}/job/{id}/output}: what the script printed, both streams in the order in
   * which they were read. {@code ?follow=true} stays until the job has ended and all is sent. With
   * {@code Accept: application/x-ndjson} a JSON object per chunk, {@code {stream, offset, after,
   * text}}, else the bytes.
   */
  @GetMapping("/{customer}/job/{id}/output")
  @Allow(role = Role.VIEWER)
  void output(
      @PathVariable String id,
      ApiInput input,
      Caller.Member caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, InterruptedException {
    var job = found(caller, id);
    var follow = input.queryText("follow").map("true"::equals).orElse(false);
    var accept = request.getHeader("Accept");
    var asJson = accept != null && accept.contains("application/x-ndjson");
    response.setContentType(asJson ? "application/x-ndjson" : "text/plain;charset=UTF-8");
    response.setHeader("Cache-Control", "no-store, no-transform");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.flushBuffer();
    var out = response.getOutputStream();
    var cursor = new Cursor();
    while (true) {
      var seen = watch.now(id);
      // The state is read before the chunks: all of a job's output is kept before it ends.
      job = found(caller, id);
      if (job.attempt() > 0) {
        cursor.sendWhatIsNew(new AttemptId(id, job.attempt()), asJson, out);
        out.flush();
      }
      if (!follow || job.state().isFinal()) {
        return;
      }
      watch.await(id, seen, LOOK_AGAIN);
    }
  }

  /** How far a follower has come in both streams of an attempt. */
  private final class Cursor {
    private @Nullable AttemptId attempt;
    private long stdout;
    private long stderr;

    void sendWhatIsNew(AttemptId current, boolean asJson, OutputStream out) throws IOException {
      if (!current.equals(attempt)) {
        attempt = current;
        stdout = 0;
        stderr = 0;
      }
      while (true) {
        var chunks = new ArrayList<JobOutputs.Kept>();
        chunks.addAll(outputs.from(current, Stream.STDOUT, stdout, CHUNKS));
        chunks.addAll(outputs.from(current, Stream.STDERR, stderr, CHUNKS));
        if (chunks.isEmpty()) {
          return;
        }
        chunks.sort(Comparator.comparing(JobOutputs.Kept::after));
        for (var chunk : chunks) {
          send(chunk, asJson, out);
        }
      }
    }

    private void send(JobOutputs.Kept chunk, boolean asJson, OutputStream out) throws IOException {
      var bytes = chunk.bytes().getData();
      if (asJson) {
        out.write(
            MessageJson.write(
                new ChunkView(
                    chunk.stream().name().toLowerCase(Locale.ROOT),
                    chunk.offset(),
                    JobView.seconds(chunk.after()),
                    new String(bytes, StandardCharsets.UTF_8))));
        out.write('\n');
      } else {
        out.write(bytes);
      }
      switch (chunk.stream()) {
        case STDOUT -> stdout = chunk.end();
        case STDERR -> stderr = chunk.end();
      }
    }
  }

  /**
   * A chunk of output in an answer.
   *
   * @param offset bytes of the stream before it
   * @param after seconds from the start of the script
   */
  record ChunkView(String stream, long offset, double after, String text) {}

  /**
   * Besides the arguments a run may say: {@code priority}, {@code not_before} and {@code start_by}
   * (instants of RFC 3339), {@code hold}. With an {@code Idempotency-Key} the same request made
   * again within a day is answered with the same job, marked {@code Idempotency-Replayed}; another
   * request under that key is refused with 422.
   */
  private ResponseEntity<JobView> run(
      Task task, ApiInput input, @Nullable String once, Origin origin, String by) {
    if (!task.enabled()) {
      throw ApiProblem.conflict(
          "task_disabled", "The task is disabled; an administrator can enable it (enable: true).");
    }
    var posted = posts.post(task, runRequest(task, input), once, origin, by);
    var headers = new HttpHeaders();
    if (posted.replayed()) {
      headers.set("Idempotency-Replayed", "true");
    }
    return ResponseEntity.ok().headers(headers).body(JobView.of(posted.job()));
  }

  private static RunRequest runRequest(Task task, ApiInput input) {
    var arguments = Arguments.read(task, input);
    if (!(input.body() instanceof ObjectNode)) {
      return new RunRequest(
          arguments.texts(), task.priority(), null, null, false, arguments.files());
    }
    var fields = FieldReader.of(input.object());
    var priority = fields.whole("priority", -Task.MOST_PRIORITY, Task.MOST_PRIORITY);
    var notBefore = fields.instant("not_before");
    var startBy = fields.instant("start_by");
    var hold = fields.truth("hold");
    if (notBefore.isPresent() && startBy.isPresent() && !startBy.get().isAfter(notBefore.get())) {
      fields.wrong("start_by", "conflict", "must be after not_before.");
    }
    fields.doneWithOthers();
    return new RunRequest(
        arguments.texts(),
        (int) priority.orElse(task.priority()),
        notBefore.orElse(null),
        startBy.orElse(null),
        hold.orElse(false),
        arguments.files());
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
                        new ApiProblem.FieldError("/" + name, "required", "is required here."))));
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
    return tasks.opened(customer, id, Secret.of(key)).orElseThrow(JobController::noSuchTaskOrKey);
  }

  private Task visible(Caller.Member caller, String id) {
    return tasks.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The task"));
  }

  private Job found(Caller.Member caller, String id) {
    return jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
  }

  private static ApiProblem noSuchTaskOrKey() {
    return ApiProblem.notFound("A task that this key opens");
  }
}
