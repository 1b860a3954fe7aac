package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.common.protocol.Outcome;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A job as the holder of its task's secret key sees it: which job it is, how far it is and what
 * came of it. A key is handed out more freely than a token; it opens neither the task's settings
 * nor anything about its hosts.
 *
 * @param state and {@code lifecycle}: the state of the job in the words of seed 004's clients
 * @param status the state in our own words
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeyHolderView(
    String id,
    @JsonProperty("_type") String className,
    String state,
    String lifecycle,
    String status,
    String customerName,
    String taskId,
    @JsonUnwrapped Times times,
    @JsonUnwrapped Ending ending) {

  /**
   * When it happened.
   *
   * @param duration seconds
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Times(
      Instant creationDate,
      Instant lastUpdate,
      @Nullable Instant notBefore,
      @Nullable Instant started,
      @Nullable Instant ended,
      @Nullable Double duration) {}

  /**
   * What came of it.
   *
   * @param output what it returned, as strings for another task's arguments; see {@link
   *     ScriptOutput}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Ending(
      @Nullable Integer exitCode,
      @Nullable Outcome outcome,
      @Nullable JsonNode result,
      @Nullable List<String> output) {}

  public static KeyHolderView of(Job job) {
    var all = JobView.of(job);
    var identity = all.identity();
    var course = all.course();
    var end = all.end();
    return new KeyHolderView(
        identity.id(),
        identity.className(),
        identity.state(),
        identity.lifecycle(),
        identity.status(),
        identity.customerName(),
        identity.taskId(),
        new Times(
            course.creationDate(),
            course.lastUpdate(),
            all.settings().notBefore(),
            course.started(),
            course.ended(),
            course.duration()),
        new Ending(end.exitCode(), end.outcome(), end.result(), end.output()));
  }
}
