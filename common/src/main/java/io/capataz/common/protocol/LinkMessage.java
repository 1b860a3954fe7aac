package io.capataz.common.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What a supervisor says on a link, see {@link LinkTurn}. At least one of the components is there.
 *
 * @param orders what to run
 * @param stops what to stop and to forget, as in the answer to a heartbeat; repeated until it is
 *     reported
 * @param answer to the agent's turn
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LinkMessage(
    @Nullable LinkOrders orders,
    Heartbeat.@Nullable Answer stops,
    LinkTurn.@Nullable Answer answer) {

  public static LinkMessage of(LinkOrders orders) {
    return new LinkMessage(orders, null, null);
  }

  public static LinkMessage of(Heartbeat.Answer stops) {
    return new LinkMessage(null, stops, null);
  }

  public static LinkMessage of(LinkTurn.Answer answer) {
    return new LinkMessage(null, null, answer);
  }
}
