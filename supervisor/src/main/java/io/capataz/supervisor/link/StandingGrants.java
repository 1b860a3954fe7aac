package io.capataz.supervisor.link;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.StandingClaim;
import io.capataz.common.protocol.WorkOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What may be granted on a link: the claim ids that its agent has offered and not seen used, how
 * many orders it has room for, and what is known to wait for it. Everything in it is bounded.
 *
 * <p>What an agent says crosses the orders that are under way to it: those are taken off the number
 * of its free slots, until it says that it has received them.
 */
final class StandingGrants {

  /** The most claim ids that an agent may offer ahead. */
  static final int MOST_OFFERED = 16;

  private static final int MOST_NAMED = 100;

  private final long epoch;
  private final Deque<String> offered = new ArrayDeque<>();
  private final Deque<Sent> underWay = new ArrayDeque<>();

  /** Jobs to be named in the next claim, and what to do for each that is not granted. */
  private final Map<String, Runnable> named = new LinkedHashMap<>();

  private int free;
  private @Nullable Integer inline;
  private long sent;

  /** More waits than is named. */
  private boolean more;

  /** How it became known that there is something to grant. */
  private Heard heard = Heard.FREE_SLOT;

  /** Counts what may change the answer to a claim. */
  private long changes;

  /** The value of {@link #changes} at which a claim was granted nothing. */
  private long nothingAt = -1;

  private record Sent(long number, int orders) {}

  /**
   * One claim to be granted.
   *
   * @param otherwise what to do for each named job that is not granted
   * @param changes how many there had been
   */
  record Round(Claim claim, Map<String, Runnable> otherwise, long changes) {
    Round {
      otherwise = Map.copyOf(otherwise);
    }
  }

  StandingGrants(long epoch) {
    this.epoch = epoch;
  }

  /**
   * Takes what the agent says.
   *
   * @return whether that is within what it may say
   */
  synchronized boolean update(StandingClaim said) {
    for (var claim : said.offered()) {
      if (offered.size() == MOST_OFFERED
          || offered.contains(claim)
          || claim.length() < 16
          || claim.length() > 100) {
        return false;
      }
      offered.add(claim);
    }
    if (said.free() < 0 || said.received() > sent) {
      return false;
    }
    free = said.free();
    inline = said.inline();
    underWay.removeIf(orders -> orders.number() <= said.received());
    said.jobs().stream().limit(MOST_NAMED).forEach(job -> named.putIfAbsent(job, () -> {}));
    more |= said.more() || said.jobs().size() > MOST_NAMED;
    if (said.more() || !said.jobs().isEmpty()) {
      heard = said.heard();
    }
    changes++;
    return true;
  }

  /** How many more orders the agent can take. */
  synchronized int room() {
    return offered.isEmpty() ? 0 : free - underWay.stream().mapToInt(Sent::orders).sum();
  }

  /**
   * Takes a job that has just become ready, if there is room for it; else it is only noted that
   * there is more.
   *
   * @param otherwise called if the agent is not granted it after all
   */
  synchronized boolean offer(String job, Runnable otherwise) {
    changes++;
    if (room() <= named.size() || named.size() == MOST_NAMED) {
      more = true;
      return false;
    }
    if (named.isEmpty()) {
      heard = Heard.LINK;
    }
    named.put(job, otherwise);
    return true;
  }

  /** More has come to wait, for whatever reason. */
  synchronized void moreWaits() {
    more = true;
    changes++;
  }

  /** Whether there is a next claim to be granted. */
  synchronized boolean isWanted() {
    return room() > 0 && nothingAt != changes && (more || !named.isEmpty());
  }

  /** The next claim to be granted; empty if nothing is known to wait, or there is no room. */
  synchronized Optional<Round> next() {
    if (!isWanted()) {
      return Optional.empty();
    }
    var room = room();
    // A claim with names is not told what else waits; what has waited longest must come first.
    var jobs = more || named.size() > room ? List.<String>of() : List.copyOf(named.keySet());
    var round =
        new Round(
            new Claim(epoch, offered.getFirst(), room, jobs, heard, inline, false), named, changes);
    // The answer to a claim without names says whether there is more.
    more = more && !jobs.isEmpty();
    named.clear();
    heard = Heard.FREE_SLOT;
    return Optional.of(round);
  }

  /**
   * Takes what was granted.
   *
   * @return what to send to the agent; empty if nothing was granted
   */
  synchronized Optional<LinkOrders> granted(Round round, Claim.Answer answer) {
    var orders = answer.orders();
    more |= answer.more();
    if (orders.isEmpty()) {
      nothingAt = round.changes();
      return Optional.empty();
    }
    offered.remove(round.claim().claim());
    underWay.add(new Sent(++sent, orders.size()));
    return Optional.of(new LinkOrders(sent, round.claim().claim(), orders));
  }

  /** What to do for the named jobs that were not granted. */
  static List<Runnable> otherwise(Round round, List<WorkOrder> orders) {
    var left = new HashSet<>(round.otherwise().keySet());
    orders.forEach(order -> left.remove(order.job()));
    return left.stream().map(job -> round.otherwise().get(job)).toList();
  }

  /** Nothing more will be granted; what to do for the jobs that were still to be named. */
  synchronized List<Runnable> end() {
    var left = List.copyOf(named.values());
    named.clear();
    offered.clear();
    free = 0;
    return left;
  }
}
