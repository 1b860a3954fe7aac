package io.capataz.supervisor.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobEnds;
import io.capataz.supervisor.job.JobView.UserOf;
import io.capataz.supervisor.job.JobViews;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.KeyHolderView;
import io.capataz.supervisor.job.ScriptOutput;
import io.capataz.supervisor.output.JobOutputs;
import io.capataz.supervisor.output.MergedOutput;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * The results of jobs, for clients that wait for them: seed 004's synchronous mode. A request waits
 * for {@code timeout} seconds (10 to 60) and is then redirected to the next one (303), at most
 * {@code limit} times (408).
 *
 * <p>The query selects the form of the result: {@code ?result} what the run produced, {@code ?full}
 * the whole job, {@code ?output} what the script returned, as a list of strings. Without any of
 * these, or with {@code ?parse=1}, the response is that string of the script's output parsed as
 * JSON, with status 500 if the job did not succeed; see {@link ScriptResponse}.
 */
@RestController
class JobResultController {

  /** A log larger than this is not repeated in a result. */
  private static final long MOST_LOG = 1024 * 1024;

  private final Jobs jobs;
  private final JobKeys keys;
  private final JobEnds ends;
  private final JobViews views;
  private final JobOutputs outputs;

  JobResultController(Jobs jobs, JobKeys keys, JobEnds ends, JobViews views, JobOutputs outputs) {
    this.jobs = jobs;
    this.keys = keys;
    this.ends = ends;
    this.views = views;
    this.outputs = outputs;
  }

  /**
   * {@code GET /job/{id}/result} and {@code GET /{customer}/job/{id}/result}, also by {@code POST}
   * (seed 004's system): waits for the end of a job, {@code ?timeout=10} seconds, and returns its
   * result in the form of {@code ?result=}, {@code ?full=}, {@code ?output=} or {@code ?parse=0}.
   * While it has not ended, 303 to the next {@code ?counter=0} of {@code ?limit=10}, then 408. 409
   * if it never ran, 422 if its output is not JSON.
   */
  @RequestMapping(
      path = {"/{customer}/job/{id}/result", "/job/{id:[0-9a-f]+}/result"},
      method = {RequestMethod.GET, RequestMethod.POST})
  @Accepts(
      query = {"result", "full", "output", "parse", "timeout", "counter", "limit"},
      body = Accepts.Body.NONE)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<?> result(@PathVariable String id, ApiInput input, Caller.Member caller)
      throws InterruptedException {
    return answer(
        () -> jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job")),
        ResultAddress.read("/job/" + id + "/result", input),
        input,
        views::one);
  }

  /**
   * {@code GET /job/{id}/secret/{key}/result}, also by {@code POST} (seed 004's system): returns
   * the result by the job's key, which appears only in the {@code Location} of the response to a
   * run; {@code ?timeout=10}, {@code ?counter=0}, {@code ?limit=10}, {@code ?result=}, {@code
   * ?full=}, {@code ?output=}, {@code ?parse=0}. 303, 408, 409 and 422 as with a token.
   */
  @RequestMapping(
      path = "/job/{id:[0-9a-f]+}/secret/{key}/result",
      method = {RequestMethod.GET, RequestMethod.POST})
  @Accepts(
      query = {"result", "full", "output", "parse", "timeout", "counter", "limit"},
      body = Accepts.Body.NONE)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<?> result(@PathVariable String id, @PathVariable String key, ApiInput input)
      throws InterruptedException {
    return answer(
        () ->
            keys.opened(id, Secret.shown(key))
                .orElseThrow(() -> ApiProblem.notFound("A job for this key")),
        ResultAddress.read("/job/" + id + "/secret/" + key + "/result", input),
        input,
        KeyHolderView::of);
  }

  private ResponseEntity<?> answer(
      Supplier<Job> look, ResultAddress asked, ApiInput input, Function<Job, ?> full)
      throws InterruptedException {
    var job = ends.await(look.get(), look, Duration.ofSeconds(asked.timeout()));
    return job.state().isFinal() ? inForm(job, input, full) : later(asked);
  }

  /** The response when the time is up and the job has not ended. */
  static ResponseEntity<?> later(ResultAddress asked) {
    return asked
        .next()
        .map(next -> ResponseEntity.status(HttpStatus.SEE_OTHER).location(next.uri()).build())
        .orElseThrow(
            () ->
                ApiProblem.timedOut(
                    "The job has not ended within the given time. It continues; ask again."));
  }

  private ResponseEntity<?> inForm(Job job, ApiInput input, Function<Job, ?> full) {
    if (input.query().containsKey("result")) {
      return ResponseEntity.ok(run(job));
    }
    if (input.query().containsKey("full")) {
      return ResponseEntity.ok(full.apply(job));
    }
    if (input.query().containsKey("output")) {
      return ResponseEntity.ok(output(job).orElse(List.of()));
    }
    var index =
        input
            .queryText("parse")
            .filter(text -> text.matches("\\d{1,4}"))
            .map(Integer::parseInt)
            .orElse(0);
    return ScriptResponse.of(job, index);
  }

  /**
   * The result of a run, with the field names of seed 004's system.
   *
   * @param code the exit code
   * @param signal the first signal sent to it, or the one that ended it
   * @param killed whether it was ended from outside
   * @param times how long it took
   * @param log what it printed on both streams, if that is at most 1 MiB
   * @param lastline the last line of that
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RunView(
      @Nullable Integer code,
      @Nullable String signal,
      boolean killed,
      @Nullable Times times,
      @Nullable String log,
      @Nullable String lastline,
      List<String> output,
      UserOf user) {
    /** A duration. */
    record Times(long seconds, int nanoseconds) {
      static Times of(Duration duration) {
        return new Times(duration.toSeconds(), duration.toNanosPart());
      }
    }
  }

  private RunView run(Job job) {
    var ending = job.ending();
    var log = ending == null ? Optional.<String>empty() : log(job);
    return new RunView(
        ending == null ? null : ending.exitCode(),
        ending == null ? null : signal(ending),
        ending != null
            && switch (ending.outcome()) {
              case Outcome.TimedOut _,
                  Outcome.Killed _,
                  Outcome.Interrupted _,
                  Outcome.Canceled _ ->
                  true;
              case Outcome.Succeeded _,
                  Outcome.ExitedWith _,
                  Outcome.CouldNotStart _,
                  Outcome.Refused _,
                  Outcome.Rejected _,
                  Outcome.Failed _,
                  Outcome.Lost _ ->
                  false;
            },
        ending == null || ending.ran() == null ? null : RunView.Times.of(ending.ran()),
        log.orElse(null),
        log.map(text -> text.lines().reduce("", (_, line) -> line)).orElse(null),
        output(job).orElse(List.of()),
        UserOf.of(job));
  }

  private static @Nullable String signal(Job.Ending ending) {
    return ending.outcome() instanceof Outcome.Killed(String signal)
        ? signal
        : ending.signals().isEmpty() ? null : ending.signals().getFirst().signal();
  }

  private static Optional<List<String>> output(Job job) {
    var ending = job.ending();
    return ending == null || ending.result() == null
        ? Optional.empty()
        : Optional.of(ScriptOutput.of(ending.result()));
  }

  private Optional<String> log(Job job) {
    var attempt = new AttemptId(job.id(), job.shownAttempt());
    return outputs.length(attempt) > MOST_LOG
        ? Optional.empty()
        : Optional.of(MergedOutput.all(outputs, attempt));
  }
}
