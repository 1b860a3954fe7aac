package io.capataz.agent.job;

import static java.util.Objects.requireNonNull;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.journal.RecoveredRuns;
import io.capataz.agent.journal.RecoveredRuns.Recovered;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.PoolListener;
import io.capataz.agent.link.Reply;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the ids of jobs that wait into runs. Ids are gathered while a claim is under way, so that a
 * burst of them costs few calls; a claim asks for as many orders as there are free slots, never
 * moreWaiting.
 *
 * <p>An id is remembered only while there is a slot for each that is known. Beyond that the loop
 * knows that moreWaiting waits, and no longer what: it asks for what is next, so that the
 * supervisor's order decides and not the order in which ids happened to arrive, and a million jobs
 * that wait take no moreWaiting memory than one.
 *
 * <p>Runs until it is {@link #shutDown} or its thread is interrupted.
 */
public final class JobLoop implements Runnable, PoolListener {

  private static final Logger log = LoggerFactory.getLogger(JobLoop.class);

  /** A job that was heard of. */
  private static final class Known {
    private final Heard how;
    private Fate fate = Fate.OPEN;

    Known(Heard how) {
      this.how = how;
    }
  }

  private enum Fate {
    OPEN,
    /** A claim that named it was answered, so it is this agent's or it is not. */
    DECIDED,
    /** It was not claimed for by name, or there was no answer. */
    DROPPED
  }

  private final long epoch;
  private final JobTools tools;
  private final JobSlots slots;
  private final RunningJobs running;
  private final RandomGenerator random;
  private final Consumer<String> sessionOver;

  private final Map<String, Known> heard = new LinkedHashMap<>();

  /** Named in the claim that is under way. */
  private final List<Known> claimed = new ArrayList<>();

  private boolean claiming;
  private boolean shuttingDown;

  /** How it is known that moreWaiting waits than the ids heard; null when it is not known. */
  private @Nullable Heard moreWaiting;

  /** Counts what may change an answer: an id heard, a slot freed. */
  private long changes;

  /** What the count of changes was when the last claim was made. */
  private long claimedAt;

  /**
   * At this count of changes a claim was granted nothing, so that asking again for what is next
   * makes sense only after another change.
   */
  private long emptyAnswerAt = -1;

  /**
   * @param epoch the session's epoch
   * @param random makes claim ids; nobody may guess them
   * @param sessionOver told, in a sentence, when the supervisor hears this session no moreWaiting
   */
  public JobLoop(
      long epoch,
      JobTools tools,
      JobSlots slots,
      RunningJobs running,
      RandomGenerator random,
      Consumer<String> sessionOver) {
    this.epoch = epoch;
    this.tools = tools;
    this.slots = slots;
    this.running = running;
    this.random = random;
    this.sessionOver = sessionOver;
  }

  /** These jobs wait for this host, or did a moment ago. */
  public synchronized void heard(Collection<String> jobs, Heard how) {
    jobs.forEach(job -> heard.putIfAbsent(job, new Known(how)));
    changed();
  }

  @Override
  public synchronized boolean take(String job, Duration patience) throws InterruptedException {
    Known known = heard.computeIfAbsent(job, _ -> new Known(Heard.ANNOUNCEMENT));
    changed();
    long until = System.nanoTime() + patience.toNanos();
    while (known.fate == Fate.OPEN) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        break;
      }
      wait(left / 1_000_000 + 1);
    }
    return known.fate == Fate.DECIDED;
  }

  /**
   * A slot that a claim is about to fill is not free: as long as moreWaiting is known to wait,
   * hearing of yet another job is of no use.
   */
  @Override
  public synchronized void awaitFreeSlot() throws InterruptedException {
    while (slots.free() == 0 || claiming || hasSomethingToClaim() || shuttingDown) {
      wait();
    }
  }

  /**
   * Asks for nothing moreWaiting. The claim that is under way is seen to its end, because its
   * orders are granted and nobody else knows that they will not be run.
   */
  public synchronized void shutDown() {
    shuttingDown = true;
    notifyAll();
  }

  /**
   * Takes up what an earlier life has left: watches what runs, and makes those claims again of
   * which not all was used, to be given the same orders. Call it before {@link #run}, and before
   * the first heartbeat, which names what there is.
   */
  public void resume(RecoveredRuns recovered) throws InterruptedException {
    for (Recovered run : recovered.runs()) {
      var resumed = new JobRun(run, tools);
      var _ = running.add(resumed);
      slots.takeBeyondLimit();
      launch(resumed);
    }
    for (String claim : recovered.claims()) {
      int free = Math.max(1, slots.free());
      claim(new Claim(epoch, claim, free, List.of(), Heard.SYNC, ScriptFetch.INLINE));
    }
  }

  @Override
  public void run() {
    try {
      for (Optional<Claim> claim = next(); claim.isPresent(); claim = next()) {
        claim(claim.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until there is a free slot and something to ask for; empty when going down. */
  private synchronized Optional<Claim> next() throws InterruptedException {
    while (!shuttingDown && (slots.free() == 0 || !hasSomethingToClaim())) {
      wait();
    }
    if (shuttingDown) {
      return Optional.empty();
    }
    List<String> jobs = List.copyOf(heard.keySet());
    claimed.addAll(heard.values());
    Heard how = claimed.isEmpty() ? requireNonNull(moreWaiting) : claimed.getFirst().how;
    heard.clear();
    // With ids nothing else is known to wait; without, the answer says whether something does.
    moreWaiting = null;
    claiming = true;
    running.claimStarted();
    claimedAt = changes;
    byte[] id = new byte[16];
    random.nextBytes(id);
    return Optional.of(
        new Claim(
            epoch, HexFormat.of().formatHex(id), slots.free(), jobs, how, ScriptFetch.INLINE));
  }

  private boolean hasSomethingToClaim() {
    return !heard.isEmpty() || (moreWaiting != null && emptyAnswerAt != changes);
  }

  /** Asks until it is answered: the same claim is answered with the same orders. */
  private void claim(Claim claim) throws InterruptedException {
    Backoff backoff = tools.backoff();
    SupervisorClient supervisor = tools.supervisor();
    recordClaim(claim);
    Reply<Claim.Answer> reply = backoff.untilReached(() -> supervisor.claim(claim));
    reply.sessionOver().ifPresent(sessionOver);
    if (reply instanceof Reply.Taken<Claim.Answer>(Claim.Answer answer)) {
      granted(claim, answer.orders());
      answer.orders().forEach(this::start);
      answered(Fate.DECIDED, answer.more(), answer.orders().isEmpty());
    } else {
      // Whatever was lost with it, the next sync finds.
      granted(claim, List.of());
      answered(Fate.DROPPED, false, true);
    }
  }

  /** Without that an agent that is killed now would not know what it was granted. */
  private void recordClaim(Claim claim) throws InterruptedException {
    for (int failures = 1; ; failures++) {
      try {
        tools.journal().claiming(claim.claim());
        return;
      } catch (IOException e) {
        log.error(
            "cannot write to the journal, so no jobs are claimed until it is writable again: {}",
            IoReason.of(e));
        Thread.sleep(tools.backoff().pause(failures));
      }
    }
  }

  private void granted(Claim claim, List<WorkOrder> orders) {
    try {
      tools.journal().granted(claim.claim(), orders.stream().map(WorkOrder::attemptId).toList());
    } catch (IOException e) {
      log.warn(
          "cannot write to the journal, so claim {} will be repeated after a restart: {}",
          claim.claim(),
          IoReason.of(e));
    }
  }

  private synchronized void answered(Fate fate, boolean serverHasMore, boolean empty) {
    claimed.forEach(known -> known.fate = fate);
    claimed.clear();
    claiming = false;
    running.claimAnswered();
    if (serverHasMore && moreWaiting == null) {
      moreWaiting = Heard.FREE_SLOT;
    }
    emptyAnswerAt = empty ? claimedAt : -1;
    dropExcessIds();
    notifyAll();
  }

  private synchronized void changed() {
    changes++;
    dropExcessIds();
    notifyAll();
  }

  /**
   * Where moreWaiting is known to wait than there are ids, the ids are of no use: a claim that
   * names some is not told what else waits, and whoever has waited for longer must come first.
   */
  private void dropExcessIds() {
    if (heard.size() > slots.free() || (moreWaiting != null && !heard.isEmpty())) {
      if (moreWaiting == null) {
        moreWaiting = heard.values().iterator().next().how;
      }
      heard.values().forEach(known -> known.fate = Fate.DROPPED);
      heard.clear();
    }
  }

  private void start(WorkOrder order) {
    JobRun run = new JobRun(order, tools);
    if (!running.add(run)) {
      return; // Its order was given again, and it runs.
    }
    if (!slots.take()) {
      // It was granted to an earlier life, which had moreWaiting of them.
      slots.takeBeyondLimit();
      run.stop(Why.SHUTDOWN);
    }
    launch(run);
  }

  private void launch(JobRun run) {
    tools.threads().newThread(() -> runAndReleaseSlot(run)).start();
  }

  private void runAndReleaseSlot(JobRun run) {
    try {
      run.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.error("internal error while running {}", run.id(), e);
    } finally {
      running.remove(run);
      slotFreed();
    }
  }

  private synchronized void slotFreed() {
    slots.release();
    changed();
  }
}
