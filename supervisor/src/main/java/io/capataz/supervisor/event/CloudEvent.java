package io.capataz.supervisor.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.job.WireState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is written to Kafka of an event: CloudEvents 1.0 in its JSON batch format. Supervisors take
 * it for a hint and read the job in the store. It has no arguments, messages, results or output.
 *
 * @param subject the job's id
 * @param customer the organization
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record CloudEvent(
    String specversion,
    String id,
    String source,
    String type,
    @Nullable String subject,
    @Nullable Instant time,
    @Nullable String customer,
    @Nullable String datacontenttype,
    @Nullable Brief data) {

  /** The media type of a record: an array of these. */
  static final String BATCH = "application/cloudevents-batch+json";

  static final String MOVED = "io.capataz.job.moved";
  static final String PROGRESSED = "io.capataz.job.progress";

  /** Some events were not written. Whoever follows jobs reads them in the store. */
  static final String LOST = "io.capataz.events.lost";

  /** A job as it stands, in short. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Brief(
      String id,
      @JsonProperty("task_id") String taskId,
      @Nullable String status,
      @Nullable String lifecycle,
      @Nullable String state,
      int attempt,
      @Nullable Integer percent) {}

  static CloudEvent of(String source, JobChange happening) {
    var job = happening.job();
    var progress = happening.progress();
    if (progress != null) {
      var attempt = progress.attempt().number();
      return new CloudEvent(
          "1.0",
          job.id() + "-" + attempt + "-" + progress.taken(),
          source,
          PROGRESSED,
          job.id(),
          progress.since(),
          job.organization(),
          "application/json",
          new Brief(job.id(), job.task(), null, null, null, attempt, progress.percent()));
    }
    var state = WireState.of(job);
    return new CloudEvent(
        "1.0",
        job.id() + "-" + job.rev(),
        source,
        MOVED,
        job.id(),
        EventViews.movedAt(job),
        job.organization(),
        "application/json",
        new Brief(
            job.id(),
            job.task(),
            state.statusWord(),
            state.lifecycle(),
            state.state(),
            job.shownAttempt(),
            null));
  }

  static CloudEvent lost(String source, String id) {
    return new CloudEvent("1.0", id, source, LOST, null, null, null, null, null);
  }
}
