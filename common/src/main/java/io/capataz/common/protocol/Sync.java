package io.capataz.common.protocol;

import java.util.List;

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
   * @param waiting ids of jobs that wait for this host, oldest first, a page of them
   */
  public record Answer(List<String> waiting) {
    public Answer {
      waiting = List.copyOf(waiting);
    }
  }
}
