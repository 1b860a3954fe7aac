package io.capataz.agent.job;

import static java.util.Objects.requireNonNull;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.journal.RecoveredRuns;
import io.capataz.agent.link.PoolListener;
import io.capataz.agent.link.Reply;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims waiting jobs and runs them. Ids that arrive while a claim is in flight are batched into
 * the next one. A claim never asks for more orders than there are free slots.
 *
 * <p>Ids are remembered only up to the number of free slots. Beyond that the loop only knows that
 * more jobs wait, and claims without naming ids. So the supervisor's order decides, not the order
 * in which ids arrive, and a million waiting jobs take no more memory than one.
 *
 * <p>Runs until {@link #shutDown} or until its thread is interrupted.
 */
public final class JobLoop implements Runnable, PoolListener {

  private static final Logger log = LoggerFactory.getLogger(JobLoop.class);

  /** A job id that was announced or found. */
  private static final class Known {
    private final Heard how;
    private Fate fate = Fate.OPEN;

    Known(Heard how) {
      this.how = how;
    }
  }

  private enum Fate {
    OPEN,
    /** A claim that named it was answered: it is this agent's, or not. */
    DECIDED,
    /** It was not named in a claim, or the claim had no answer. */
    DROPPED
  }

  private final long epoch;
  private final JobTools tools;
  private final JobSlots slots;
  private final RunningJobs running;
  private final RandomGenerator random;
  private final Consumer<String> sessionOver;

  private final Map<String, Known> heard = new LinkedHashMap<>();

  /** The ids named in the claim in flight. */
  private final List<Known> claimed = new ArrayList<>();

  /** The agent's claim on its link; null: it has none. */
  private volatile @Nullable StandingClaims standing;

  private boolean claiming;

  /** The claim in flight is a call, and its orders take slots that seem to be free. */
  private boolean calling;

  private boolean shuttingDown;

  /** How it became known that more jobs wait than the ids heard; null if none do. */
  private @Nullable Heard moreWaiting;

  /** Counts events that may change an answer: ids heard and slots freed. */
  private long changes;

  /** Value of {@link #changes} when the last claim was made. */
  private long claimedAt;

  /**
   * Value of {@link #changes} at which an unnamed claim was granted nothing; claiming again makes
   * sense only after another change.
   */
  private long emptyAnswerAt = -1;

  /**
   * @param epoch the session's epoch
   * @param random generates claim ids, which must not be guessable
   * @param sessionOver called with a sentence when the supervisor has ended this session
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

  /** Claims on a link as long as it is open. Call it before {@link #run}. */
  void claimBy(StandingClaims standing) {
    this.standing = standing;
  }

  /** How many orders a link may send. */
  synchronized int freeForLink() {
    return calling || shuttingDown ? 0 : slots.freeSoon();
  }

  /** Adds ids of jobs that wait for this host, or recently did. */
  public synchronized void heard(Collection<String> jobs, Heard how) {
    jobs.forEach(job -> heard.putIfAbsent(job, new Known(how)));
    changed();
  }

  @Override
  public synchronized boolean take(String job, Duration patience) throws InterruptedException {
    var known = heard.computeIfAbsent(job, _ -> new Known(Heard.ANNOUNCEMENT));
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
   * Slots that a claim in flight may fill do not count as free: while more jobs are known to wait,
   * another id is of no use.
   */
  @Override
  public synchronized void awaitFreeSlot() throws InterruptedException {
    while (slots.free() == 0 || claiming || hasSomethingToClaim() || shuttingDown) {
      wait();
    }
  }

  /** Stops claiming. A claim in flight is completed, because its orders may already be granted. */
  public void shutDown() {
    synchronized (this) {
      shuttingDown = true;
      notifyAll();
    }
    var linked = standing;
    if (linked != null) {
      linked.shutDown();
    }
  }

  /**
   * Resumes the runs of an earlier agent process, and repeats its open claims to receive the same
   * orders. Call it before {@link #run} and before the first heartbeat, which lists all runs.
   */
  public void resume(RecoveredRuns recovered) throws InterruptedException {
    for (var run : recovered.runs()) {
      var resumed = new JobRun(run, tools, slots);
      var _ = running.add(resumed);
      slots.takeBeyondLimit();
      launch(resumed);
    }
    for (var claim : recovered.claims()) {
      int free = Math.max(1, slots.free());
      running.claimStarted();
      call(new Claim(epoch, claim, free, List.of(), Heard.SYNC, ScriptFetch.INLINE, true, true));
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

  /** Waits for a free slot and something to claim; empty on shutdown. */
  private synchronized Optional<Claim> next() throws InterruptedException {
    while (!shuttingDown && (slots.free() == 0 || !hasSomethingToClaim())) {
      wait();
    }
    if (shuttingDown) {
      return Optional.empty();
    }
    var jobs = List.copyOf(heard.keySet());
    claimed.addAll(heard.values());
    var how = claimed.isEmpty() ? requireNonNull(moreWaiting) : claimed.getFirst().how;
    heard.clear();
    // A claim with ids leaves no more jobs known; the answer to one without ids says whether there
    // are more.
    moreWaiting = null;
    claiming = true;
    running.claimStarted();
    claimedAt = changes;
    var id = new byte[16];
    random.nextBytes(id);
    return Optional.of(
        new Claim(
            epoch,
            HexFormat.of().formatHex(id),
            slots.free(),
            jobs,
            how,
            ScriptFetch.INLINE,
            false));
  }

  private boolean hasSomethingToClaim() {
    return !heard.isEmpty() || (moreWaiting != null && emptyAnswerAt != changes);
  }

  /** On the link, the supervisor grants at once what is named, and later what else it knows of. */
  private void claim(Claim claim) throws InterruptedException {
    var linked = standing;
    if (linked != null && linked.isOpen()) {
      boolean asked = linked.ask(claim.jobs(), claim.heard());
      answered(asked ? Fate.DECIDED : Fate.DROPPED, !asked, false);
      return;
    }
    synchronized (this) {
      calling = true;
    }
    call(claim);
    synchronized (this) {
      calling = false;
    }
    if (linked != null) {
      linked.roomChanged();
    }
  }

  /** Repeats the claim until it is answered: the same claim gets the same orders. */
  private void call(Claim claim) throws InterruptedException {
    var backoff = tools.backoff();
    var supervisor = tools.supervisor();
    recordClaim(claim);
    var asked = new AtomicBoolean();
    var reply =
        backoff.untilReached(
            () -> supervisor.claim(asked.getAndSet(true) ? claim.repeated() : claim));
    reply.sessionOver().ifPresent(sessionOver);
    if (reply instanceof Reply.Taken<Claim.Answer>(Claim.Answer answer)) {
      granted(claim, answer.orders());
      answer.orders().forEach(this::start);
      answered(Fate.DECIDED, answer.more(), answer.orders().isEmpty());
    } else {
      // The next sync finds the jobs again.
      granted(claim, List.of());
      answered(Fate.DROPPED, false, true);
    }
  }

  /** Records the claim first, so that after a crash the orders granted to it are not forgotten. */
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
   * Drops ids once more jobs are known to wait than there are slots: a claim with ids is not told
   * what else waits, and the job that waited longest must come first.
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
    var run = new JobRun(order, tools, slots);
    if (!running.add(run)) {
      return; // A repeated order of a run that is already here.
    }
    if (!slots.take()) {
      // Granted to an earlier agent process with more slots.
      slots.takeBeyondLimit();
      run.stop(Why.SHUTDOWN);
    }
    launch(run);
  }

  /** Takes a slot for an order of the link, which is free or about to be. */
  void reserveSlot() {
    slots.takeBeyondLimit();
  }

  /** Starts what was granted on the link, in the slot that was reserved for it. */
  void startGranted(WorkOrder order) {
    var run = new JobRun(order, tools, slots);
    if (running.add(run)) {
      launch(run);
    } else {
      slots.release(false);
    }
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
      log.atError()
          .addKeyValue("job", run.id().job())
          .addKeyValue("attempt", run.id().number())
          .setCause(e)
          .log("internal error while running a job");
    } finally {
      running.remove(run);
      slotFreed(run);
    }
  }

  private void slotFreed(JobRun run) {
    synchronized (this) {
      slots.release(run.isOver());
      changed();
    }
    var linked = standing;
    if (linked != null) {
      linked.roomChanged();
    }
  }
}
