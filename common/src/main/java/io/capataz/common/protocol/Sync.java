package io.capataz.common.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/sync}: what waits for me? On connecting and every minute; this, not Kafka,
 * is why no job is forgotten.
 *
 * @param epoch the session's epoch
 * @param listening whether the agent hears announcements just now; without, it runs, only slower
 */
public record Sync(long epoch, boolean listening) {
  /**
   * The answer.
   *
   * @param waiting ids of jobs that wait for this host or one of its pools, the next one first, a
   *     page of them
   * @param pools where the host's pools are announced now; it may have joined or left some
   * @param rival when another agent with the same credential was last refused because this session
   *     lives; null: none was
   */
  public record Answer(
      List<String> waiting,
      List<PoolSource> pools,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant rival) {
    public Answer {
      waiting = List.copyOf(waiting);
      pools = List.copyOf(pools);
    }
  }
}
