package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * An agent's standing claim on its link: it is granted jobs as soon as they wait, without asking
 * for each.
 *
 * <p>The agent offers a few claim ids ahead. Each of them is used for one {@link LinkOrders} and is
 * from then on what the id of a {@link Claim} is: all of these orders are granted under it. Once
 * the link is gone, the agent asks by {@link Claim#settle} what was granted under those of which it
 * saw no orders.
 *
 * @param offered claim ids that were not offered before; random, at least 16 characters
 * @param free how many orders the agent can take now; 0: none, and once this is answered none will
 *     come
 * @param received the number of the last {@link LinkOrders} it has received; orders that are under
 *     way to it are taken off {@code free}
 * @param jobs ids of waiting jobs that it has heard of by other ways
 * @param more whether it has heard of more than it names
 * @param heard how it came to know of these
 * @param inline how many bytes of a script the orders may carry, see {@link Claim}
 */
public record StandingClaim(
    List<String> offered,
    int free,
    long received,
    List<String> jobs,
    boolean more,
    Claim.Heard heard,
    int inline) {
  public StandingClaim {
    offered = List.copyOf(offered);
    jobs = List.copyOf(jobs);
    requireNonNull(heard);
  }
}
