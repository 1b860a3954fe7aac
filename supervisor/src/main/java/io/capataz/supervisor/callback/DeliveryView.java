package io.capataz.supervisor.callback;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.callback.Delivery.Try;
import io.capataz.supervisor.job.JobView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A delivery in a response.
 *
 * @param state {@code open}: more tries may follow; {@code succeeded}; {@code failed}
 * @param number how many tries were begun since it was opened
 * @param nextTry when the next one begins, or the current one is given up; absent: none follows
 * @param succeeded when the receiver took it
 * @param tries the newest 64, oldest first
 * @param payload what is sent; only when a single delivery is viewed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DeliveryView(
    @JsonUnwrapped About about,
    String state,
    int number,
    @Nullable Instant nextTry,
    @Nullable Instant succeeded,
    List<TryView> tries,
    @Nullable ObjectNode payload) {

  /**
   * What it is about.
   *
   * @param id also the {@code webhook-id} of each of its tries
   * @param event {@code completed}, {@code error} or {@code canceled}
   */
  record About(String id, String jobId, String event, String callbackUrl, Instant creationDate) {
    static About of(Delivery delivery) {
      return new About(
          delivery.id(),
          delivery.job(),
          JobView.lower(delivery.event()),
          delivery.target(),
          delivery.created());
    }
  }

  /**
   * A try.
   *
   * @param at when it began
   * @param duration in seconds
   * @param status what the receiver answered; absent: nothing, or it was an e-mail
   * @param answer the beginning of what the receiver answered
   * @param failure why it counts as failed; absent: it succeeded
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TryView(
      Instant at,
      double duration,
      @Nullable Integer status,
      @Nullable String answer,
      @Nullable String failure) {
    static TryView of(Try made) {
      return new TryView(
          made.at(), made.millis() / 1000.0, made.status(), made.answer(), made.failure());
    }
  }

  static DeliveryView of(Delivery delivery) {
    return of(delivery, null);
  }

  static DeliveryView whole(Delivery delivery) {
    return of(delivery, (ObjectNode) MessageJson.mapper().readTree(delivery.payload()));
  }

  private static DeliveryView of(Delivery delivery, @Nullable ObjectNode payload) {
    var course = delivery.course();
    return new DeliveryView(
        About.of(delivery),
        JobView.lower(course.state()),
        course.number(),
        course.due(),
        course.succeeded(),
        delivery.tries().stream().map(TryView::of).toList(),
        payload);
  }
}
