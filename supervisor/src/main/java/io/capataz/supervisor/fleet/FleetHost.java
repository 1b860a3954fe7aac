package io.capataz.supervisor.fleet;

import io.capataz.common.protocol.Bytes;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A host of a fleet run. A document of its own, so that a run of any size costs the same for each
 * host.
 *
 * @param id follows from the run and the host
 * @param run the run's id
 * @param host the host's id
 * @param name the host's name when the run began
 * @param place its place in the order of the run, from 0
 * @param wave the wave in which its turn comes, from 0
 * @param stage how far it has come
 * @param attempt the current attempt, or the next one
 * @param ended when it came to its end; null: it has not
 * @param reason why it is as it is, for people; null: there is nothing to say
 */
@Document("fleet_hosts")
record FleetHost(
    @Id String id,
    String run,
    String host,
    String name,
    int place,
    int wave,
    Stage stage,
    Attempt attempt,
    @Nullable Instant ended,
    @Nullable String reason) {

  private static final int TIME = 8;
  private static final int REST = 16;

  /**
   * An attempt on a host.
   *
   * @param number counted from 1; whatever is decided about a host names it
   * @param job its job; null: it has not begun
   * @param begun when its job was to be made
   * @param recalled whether its job was taken back because the host went off before it began
   */
  record Attempt(int number, @Nullable String job, @Nullable Instant begun, boolean recalled) {
    static Attempt of(int number) {
      return new Attempt(number, null, null, false);
    }
  }

  static String idOf(String run, String host) {
    return run + ":" + host;
  }

  /** The id of the job of an attempt: whoever makes it a second time finds that it is there. */
  static String jobOf(String member, int number) {
    var digest = Bytes.utf8("fleet\n" + member + "\n" + number).sha256();
    return member.substring(0, TIME) + digest.substring(digest.length() - REST);
  }
}
