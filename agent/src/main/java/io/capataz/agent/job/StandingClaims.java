package io.capataz.agent.job;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.link.Link;
import io.capataz.agent.link.LinkListener;
import io.capataz.agent.link.Reply;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.StandingClaim;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's standing claim on its link: it keeps a few claim ids with the supervisor, which uses
 * one for each of its messages with orders.
 *
 * <p>An id is in the journal before it is offered, as the id of every claim. When a link is gone,
 * nobody knows which of the offered ids were used: the agent asks for each what was granted under
 * it, and asks again later, because a supervisor may take a while to notice that the link is gone.
 *
 * <p>{@link #run} does what touches the disk, until the claim is withdrawn by {@link #shutDown} or
 * its thread is interrupted.
 */
public final class StandingClaims implements LinkListener, Runnable {

  private static final Logger log = LoggerFactory.getLogger(StandingClaims.class);

  /** How many ids are kept, offered or to be offered next. */
  private static final int STOCK = 4;

  /** Several at once, which costs one write to the disk. */
  private static final int REFILL = 2;

  /**
   * When it is asked what was granted under an id that was offered on a link that is gone. The last
   * time is later than a supervisor grants on a link of which it hears nothing, and earlier than it
   * gives up an attempt of which it hears nothing.
   */
  private static final List<Duration> ASK_AFTER =
      List.of(Duration.ZERO, Duration.ofSeconds(20), Duration.ofSeconds(100));

  private final long epoch;
  private final JobLoop jobs;
  private final JobTools tools;
  private final RunningJobs running;
  private final RandomGenerator random;
  private final Runnable onClosed;
  private volatile @Nullable Link link;

  private final Deque<String> fresh = new ArrayDeque<>();
  private final Set<String> offered = new LinkedHashSet<>();
  private final Deque<LinkOrders> orders = new ArrayDeque<>();
  private final List<Unsettled> unsettled = new ArrayList<>();
  private final Set<String> named = new LinkedHashSet<>();
  private boolean open;
  private boolean more;

  /** How it became known that these, or more, wait. */
  private Heard heard = Heard.SYNC;

  private boolean shuttingDown;
  private long received;

  /** How many orders the supervisor believes to have room for. */
  private int told;

  /** An id that was offered on a link that is gone. */
  private static final class Unsettled {
    private final String claim;
    private final long since = System.nanoTime();
    private final Set<AttemptId> granted = new LinkedHashSet<>();
    private int asked;
    private int failures;
    private long nextAt = since;

    Unsettled(String claim) {
      this.claim = claim;
    }
  }

  /** What there is to do on this object's thread. */
  private sealed interface Work {
    record Start(LinkOrders orders) implements Work {}

    record Refill(int count) implements Work {}

    record Settle(Unsettled claim) implements Work {}

    record Withdraw() implements Work {}
  }

  /**
   * @param random generates claim ids, which must not be guessable
   * @param onClosed called when a link is gone; must not block
   */
  public StandingClaims(
      long epoch,
      JobLoop jobs,
      JobTools tools,
      RunningJobs running,
      RandomGenerator random,
      Runnable onClosed) {
    this.epoch = epoch;
    this.jobs = jobs;
    this.tools = tools;
    this.running = running;
    this.random = random;
    this.onClosed = onClosed;
  }

  /** Claims on this link from now on. */
  public void claimOn(Link link) {
    this.link = link;
    jobs.claimBy(this);
  }

  synchronized boolean isOpen() {
    return open;
  }

  /**
   * Names jobs that are known to wait.
   *
   * @return true once it is decided whether they are this agent's; false if the link is gone
   */
  boolean ask(Collection<String> ids, Heard how) throws InterruptedException {
    synchronized (this) {
      named.addAll(ids);
      more |= ids.isEmpty();
      heard = how;
    }
    var to = link;
    return to != null && to.ask();
  }

  /** Sends the claim again if more slots are free than the supervisor knows of. */
  void roomChanged() {
    int free = jobs.freeForLink();
    synchronized (this) {
      if (!open || free <= told) {
        return;
      }
    }
    poke();
  }

  /** Withdraws the claim; orders that are under way to this agent are still carried out. */
  void shutDown() {
    synchronized (this) {
      if (shuttingDown) {
        return;
      }
      shuttingDown = true;
      running.claimStarted();
      notifyAll();
    }
  }

  @Override
  public synchronized void opened() {
    open = true;
    received = 0;
    told = 0;
    // Whatever came to wait while nobody listened.
    more = true;
    heard = Heard.SYNC;
    notifyAll();
  }

  @Override
  public StandingClaim standing() {
    synchronized (this) {
      // Together with what was received: an order that is counted by neither would have its slot
      // given to another one.
      int free = jobs.freeForLink();
      var claim =
          new StandingClaim(
              List.copyOf(fresh),
              free,
              received,
              List.copyOf(named),
              more,
              heard,
              ScriptFetch.INLINE);
      offered.addAll(fresh);
      fresh.clear();
      named.clear();
      more = false;
      heard = Heard.FREE_SLOT;
      told = free;
      return claim;
    }
  }

  @Override
  public synchronized void received(LinkOrders granted) {
    if (!offered.remove(granted.claim())) {
      return; // It came when the link was given up, and is asked for as part of what was lost.
    }
    granted.orders().forEach(_ -> jobs.reserveSlot());
    received = granted.number();
    told -= granted.orders().size();
    orders.add(granted);
    notifyAll();
  }

  @Override
  public void received(Heartbeat.Answer stops) {
    running.stop(stops.stop());
    running.forget(stops.forget());
  }

  @Override
  public void closed() {
    synchronized (this) {
      open = false;
      offered.forEach(claim -> unsettled.add(new Unsettled(claim)));
      offered.clear();
      notifyAll();
    }
    onClosed.run();
  }

  @Override
  public void run() {
    try {
      for (var work = next(); ; work = next()) {
        switch (work) {
          case Work.Start(LinkOrders granted) -> start(granted);
          case Work.Refill(int count) -> refill(count);
          case Work.Settle(Unsettled claim) -> settle(claim);
          case Work.Withdraw() -> {
            withdraw();
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Work next() throws InterruptedException {
    while (true) {
      if (!orders.isEmpty()) {
        return new Work.Start(orders.removeFirst());
      }
      if (shuttingDown) {
        return new Work.Withdraw();
      }
      int stock = fresh.size() + offered.size();
      if (open && stock <= STOCK - REFILL) {
        return new Work.Refill(STOCK - stock);
      }
      long wait = 0;
      for (var claim : unsettled) {
        long left = claim.nextAt - System.nanoTime();
        if (left <= 0) {
          return new Work.Settle(claim);
        }
        wait = wait == 0 ? left : Math.min(wait, left);
      }
      wait(wait == 0 ? 0 : wait / 1_000_000 + 1);
    }
  }

  private void start(LinkOrders granted) {
    recordAnswer(granted.claim(), granted.orders().stream().map(WorkOrder::attemptId).toList());
    granted.orders().forEach(jobs::startGranted);
  }

  private void recordAnswer(String claim, List<AttemptId> granted) {
    try {
      tools.journal().granted(claim, granted);
    } catch (IOException e) {
      log.warn(
          "cannot write to the journal, so claim {} will be repeated after a restart: {}",
          claim,
          IoReason.of(e));
    }
  }

  private void refill(int count) throws InterruptedException {
    var ids = Stream.generate(this::newId).limit(count).toList();
    try {
      tools.journal().claiming(ids);
    } catch (IOException e) {
      log.error(
          "cannot write to the journal, so no jobs are claimed until it is writable again: {}",
          IoReason.of(e));
      Thread.sleep(tools.backoff().pause(8));
      return;
    }
    boolean urgent;
    synchronized (this) {
      fresh.addAll(ids);
      urgent = open && offered.size() < REFILL;
    }
    if (urgent) {
      poke();
    }
  }

  private String newId() {
    var id = new byte[16];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  /** Asks what was granted under an id of a link that is gone. */
  private void settle(Unsettled lost) throws InterruptedException {
    var reply =
        tools
            .supervisor()
            .claim(
                new Claim(
                    epoch, lost.claim, 1, List.of(), Heard.SYNC, ScriptFetch.INLINE, true, true));
    if (reply instanceof Reply.Unreachable) {
      lost.failures++;
      lost.nextAt = System.nanoTime() + tools.backoff().pause(lost.failures).toNanos();
      return;
    }
    if (reply instanceof Reply.Taken<Claim.Answer>(Claim.Answer answer)) {
      // What was given in an earlier answer may be over by now, and must not begin again.
      var notYetStarted =
          answer.orders().stream().filter(order -> lost.granted.add(order.attemptId())).toList();
      if (!notYetStarted.isEmpty()) {
        notYetStarted.forEach(_ -> jobs.reserveSlot());
        recordAnswer(lost.claim, List.copyOf(lost.granted));
        notYetStarted.forEach(jobs::startGranted);
      }
    }
    lost.failures = 0;
    lost.asked++;
    if (lost.asked < ASK_AFTER.size()) {
      lost.nextAt = Math.max(System.nanoTime(), lost.since + ASK_AFTER.get(lost.asked).toNanos());
      return;
    }
    synchronized (this) {
      unsettled.remove(lost);
    }
    if (lost.granted.isEmpty()) {
      recordAnswer(lost.claim, List.of());
    }
  }

  /** What is unsettled when this agent ends is asked for by its next life. */
  private void withdraw() throws InterruptedException {
    var to = link;
    boolean answered = to != null && to.ask();
    for (var granted = taken(); granted != null; granted = taken()) {
      start(granted);
    }
    List<String> unused;
    List<Unsettled> lost;
    synchronized (this) {
      unused = Stream.concat(fresh.stream(), answered ? offered.stream() : Stream.of()).toList();
      lost = List.copyOf(unsettled);
      fresh.clear();
      offered.clear();
    }
    unused.forEach(claim -> recordAnswer(claim, List.of()));
    for (var claim : lost) {
      settle(claim);
    }
    running.claimAnswered();
  }

  private synchronized @Nullable LinkOrders taken() {
    return orders.pollFirst();
  }

  private void poke() {
    var to = link;
    if (to != null) {
      to.poke();
    }
  }
}
