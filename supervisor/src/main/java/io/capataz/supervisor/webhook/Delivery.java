package io.capataz.supervisor.webhook;

import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.trigger.Triggered;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A call of a webhook.
 *
 * @param id follows from the sender's id, so that the same delivery is stored once
 * @param at when it came
 * @param given the sender's id; null: it gave none
 * @param sender who it was
 * @param contentType of its body, as sent
 * @param size of its body, in bytes
 * @param data the arguments that its body became, sealed
 * @param replayOf the delivery that was started again; null: none
 * @param course what came of it
 */
@Document("webhook_deliveries")
record Delivery(
    @Id String id,
    String organization,
    String webhook,
    Instant at,
    @Nullable String given,
    Sender sender,
    @Nullable String contentType,
    int size,
    String data,
    @Nullable String replayOf,
    Course course) {

  /**
   * Who sent it.
   *
   * @param by a name for the history
   * @param user null: not known
   */
  record Sender(String by, @Nullable User user) {}

  /**
   * What came of it.
   *
   * @param due when a sweep starts what it starts, if nobody has; null: that is done
   * @param started what it has started
   */
  record Course(@Nullable Instant due, List<Triggered> started) {
    Course {
      started = List.copyOf(started);
    }
  }

  boolean isDone() {
    return course.due() == null;
  }
}
