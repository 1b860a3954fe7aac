package io.capataz.supervisor.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.WireState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A host of a fleet run in a response.
 *
 * @param wave counted from 1
 * @param state {@code to_come}, {@code running}, {@code succeeded}, {@code failed}, {@code
 *     skipped}, {@code off} or {@code canceled}
 * @param attempt how often its turn has come
 * @param jobId the job of this attempt; missing: it has not begun
 * @param jobStatus of a host that is running, where its job stands
 * @param reason why it is as it is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record FleetHostView(
    String hostId,
    String hostname,
    int wave,
    String state,
    int attempt,
    @Nullable String jobId,
    @Nullable String jobStatus,
    @Nullable Instant begun,
    @Nullable Instant ended,
    @Nullable String reason) {

  static FleetHostView of(FleetHost host, @Nullable Job job) {
    var attempt = host.attempt();
    return new FleetHostView(
        host.host(),
        host.name(),
        host.wave() + 1,
        host.stage().word(),
        attempt.number(),
        attempt.job(),
        job == null ? null : WireState.of(job).statusWord(),
        attempt.begun(),
        host.ended(),
        host.reason());
  }
}
