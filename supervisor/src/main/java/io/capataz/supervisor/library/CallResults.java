package io.capataz.supervisor.library;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.library.Failure.Raised;
import io.capataz.supervisor.output.JobOutputs;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** What an ended job answers to the caller of its API task. */
@Component
class CallResults {

  private static final MediaType ARROW =
      MediaType.parseMediaType("application/vnd.apache.arrow.stream");

  private final JobOutputs outputs;

  CallResults(JobOutputs outputs) {
    this.outputs = outputs;
  }

  /**
   * A result.
   *
   * @param status always {@code success}
   * @param data what the function returned
   * @param dataFormat always {@code json}
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Result(
      String status, @Nullable JsonNode data, @JsonProperty("dataFormat") String dataFormat) {
    static Result of(@Nullable JsonNode data) {
      return new Result("success", data, ResultFormat.JSON.word());
    }
  }

  /** The response for a job that has ended. */
  ResponseEntity<?> of(Job job) {
    var ending = job.ending();
    var result = ending == null ? null : ending.result();
    if (job.state() != JobState.SUCCEEDED || ending == null) {
      return failed(job, ending == null ? null : ending.outcome(), result);
    }
    if (result == null || !result.isObject() || !result.has("data")) {
      return failure(
          job,
          "no_result",
          ending.resultError() == null
              ? "The job succeeded, but returned nothing that could be read."
              : ending.resultError().detail() + " Return less, or ask for the format arrow.",
          null);
    }
    return isTable(job)
        ? table(job, result.get("data"))
        : ResponseEntity.ok(Result.of(result.get("data")));
  }

  /** The last argument of the script is the format. */
  private static boolean isTable(Job job) {
    var arguments = job.spec().arguments();
    return !arguments.isEmpty() && arguments.getLast().equals(ResultFormat.ARROW.word());
  }

  private ResponseEntity<?> table(Job job, JsonNode written) {
    var attempt = new AttemptId(job.id(), job.shownAttempt());
    var bytes = written.path("bytes").asLong(-1);
    if (bytes != outputs.stdoutLength(attempt)) {
      return failure(
          job,
          "table_incomplete",
          "The table has "
              + bytes
              + " bytes, and its host did not send them as they were: the output_limit of the task"
              + " is lower, or the table contains a secret, which is masked.",
          null);
    }
    return ResponseEntity.ok()
        .contentType(ARROW)
        .contentLength(bytes)
        .body(new InputStreamResource(outputs.stdout(attempt)));
  }

  private static ResponseEntity<Failure> failed(
      Job job, @Nullable Outcome outcome, @Nullable JsonNode result) {
    var data = result == null ? MessageJson.mapper().missingNode() : result.path("data");
    if (outcome instanceof Outcome.ExitedWith && data.path("traceback").isString()) {
      var raised =
          new Raised(
              data.path("type").asString(""),
              data.path("message").asString(""),
              data.path("traceback").asString(""));
      var message =
          raised.message().isEmpty() ? raised.type() : raised.type() + ": " + raised.message();
      return failure(job, "raised", message, raised);
    }
    return failure(job, code(job, outcome), sentence(job, outcome), null);
  }

  private static String code(Job job, @Nullable Outcome outcome) {
    return outcome == null
        ? JobView.lower(job.state())
        : MessageJson.mapper().valueToTree(outcome).path("type").asString("failed");
  }

  private static String sentence(Job job, @Nullable Outcome outcome) {
    return switch (outcome) {
      case null -> "The job ended as " + JobView.lower(job.state()) + " without running.";
      case Outcome.Succeeded _, Outcome.ExitedWith _ ->
          "The function ended its process, or could not be imported; see the output of the job.";
      case Outcome.TimedOut _ ->
          "The function ran longer than the timeout of its task, "
              + job.spec().timeout().toSeconds()
              + " seconds, and was ended.";
      case Outcome.Killed(String signal) ->
          "The process of the function was killed by " + signal + ".";
      case Outcome.Interrupted _ -> "The function was ended because its agent was stopped.";
      case Outcome.Canceled _ -> "The job was canceled.";
      case Outcome.CouldNotStart(String reason) -> reason;
      case Outcome.Refused(String reason) -> reason;
      case Outcome.Rejected(String reason) -> reason;
      case Outcome.Failed(String reason) -> reason;
      case Outcome.Lost(String reason) -> reason;
    };
  }

  private static ResponseEntity<Failure> failure(
      Job job, String code, String message, @Nullable Raised raised) {
    return ResponseEntity.status(HttpStatus.UNPROCESSABLE_CONTENT)
        .contentType(MediaType.APPLICATION_JSON)
        .body(Failure.of(job.id(), code, message, raised));
  }
}
