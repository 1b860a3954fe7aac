package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Orders that were granted under a {@link StandingClaim}, sent once they are granted in the store.
 *
 * @param number counted from 1 in each link
 * @param claim the offered claim id that was used for them; it is not used again
 * @param orders what to run, at least one
 */
public record LinkOrders(long number, String claim, List<WorkOrder> orders) {
  public LinkOrders {
    requireNonNull(claim);
    orders = List.copyOf(orders);
  }
}
