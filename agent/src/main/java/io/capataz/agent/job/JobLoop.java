package io.capataz.agent.job;

import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.WorkOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the ids of jobs that wait into runs. Ids are gathered while a claim is under way, so that a
 * burst of them costs few calls; a claim asks for as many orders as there are free slots, never
 * more.
 *
 * <p>Runs until its thread is interrupted.
 */
public final class JobLoop implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(JobLoop.class);

  /** More than this are not remembered: the supervisor knows them, and says that there are more. */
  private static final int MOST_IDS = 10_000;

  private static final int IDS_PER_CLAIM = 500;

  private final long epoch;
  private final JobTools tools;
  private final JobSlots slots;
  private final RunningJobs running;
  private final RandomGenerator random;
  private final Consumer<String> sessionOver;

  private final Map<String, Heard> heard = new LinkedHashMap<>();

  /** The supervisor said that more waits than it granted. */
  private boolean more;

  /** Counts what may change an answer: an id heard, a slot freed. */
  private long changes;

  /**
   * At this count of changes a claim was granted nothing, so that asking again for what is next
   * makes sense only after another change.
   */
  private long fruitlessAt = -1;

  /**
   * @param epoch the session's epoch
   * @param random makes claim ids; nobody may guess them
   * @param sessionOver told, in a sentence, when the supervisor hears this session no more
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
    for (String job : jobs) {
      if (heard.size() >= MOST_IDS) {
        more = true;
        break;
      }
      heard.putIfAbsent(job, how);
    }
    changes++;
    notifyAll();
  }

  @Override
  public void run() {
    try {
      while (true) {
        claim(next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until there is a free slot and something to ask for. */
  private synchronized Claim next() throws InterruptedException {
    while (slots.free() == 0 || (heard.isEmpty() && (!more || fruitlessAt == changes))) {
      wait();
    }
    Heard how = heard.isEmpty() ? Heard.FREE_SLOT : heard.values().iterator().next();
    List<String> jobs = new ArrayList<>();
    var ids = heard.keySet().iterator();
    while (ids.hasNext() && jobs.size() < IDS_PER_CLAIM) {
      jobs.add(ids.next());
      ids.remove();
    }
    byte[] id = new byte[16];
    random.nextBytes(id);
    return new Claim(epoch, HexFormat.of().formatHex(id), slots.free(), jobs, how);
  }

  /** Asks until it is answered: the same claim is answered with the same orders. */
  private void claim(Claim claim) throws InterruptedException {
    long changesBefore = changes();
    Backoff backoff = tools.backoff();
    SupervisorClient supervisor = tools.supervisor();
    Reply<Claim.Answer> reply = backoff.untilReached(() -> supervisor.claim(claim));
    reply.sessionOver().ifPresent(sessionOver);
    if (reply instanceof Reply.Taken<Claim.Answer>(Claim.Answer answer)) {
      answer.orders().forEach(this::start);
      answered(answer.more(), answer.orders().isEmpty(), changesBefore);
    } else {
      // Whatever was lost with it, the next sync finds.
      answered(false, true, changesBefore);
    }
  }

  private synchronized void answered(boolean more, boolean fruitless, long changesBefore) {
    this.more = more;
    fruitlessAt = fruitless ? changesBefore : -1;
  }

  private synchronized long changes() {
    return changes;
  }

  private void start(WorkOrder order) {
    JobRun run = new JobRun(order, tools);
    if (!slots.take()) {
      log.error("{} was granted beyond the free slots and is not run", order.attemptId());
      return;
    }
    if (!running.add(run)) {
      slots.release();
      return;
    }
    tools.threads().newThread(() -> runToItsEnd(run)).start();
  }

  private void runToItsEnd(JobRun run) {
    try {
      run.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.error("{} broke off, which is a fault of the agent", run.id(), e);
    } finally {
      running.remove(run);
      slotFreed();
    }
  }

  private synchronized void slotFreed() {
    slots.release();
    changes++;
    notifyAll();
  }
}
