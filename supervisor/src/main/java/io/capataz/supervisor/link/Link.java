package io.capataz.supervisor.link;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkMessage;
import io.capataz.common.protocol.LinkTurn;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.RateLimits;
import io.capataz.supervisor.dispatch.AgentCalls;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The link of one agent session. Its turns are taken one after the other; jobs are granted under
 * the agent's standing claim by whoever comes to know of them, one claim at a time.
 */
final class Link {

  /** RFC 6455 7.4.1, and 4000 and above for our own. */
  static final int GOING_AWAY = 1001;

  private static final int INVALID = 1007;
  private static final int REFUSED = 1008;
  private static final int TOO_LARGE = 1009;
  private static final int FAILED = 1011;
  static final int SESSION_OVER = 4410;

  private static final Logger log = LoggerFactory.getLogger(Link.class);

  /** One in progress; and the next one, which may arrive before the first is quite done. */
  private static final int MOST_TURNS = 2;

  private static final int MOST_REPORTS = 1_000;

  /** Below what an agent waits for the answer to a turn. */
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(20);

  /**
   * Later than this after a heartbeat was due, nothing is granted: nobody may be there any more.
   */
  private static final Duration LATE = Duration.ofSeconds(5);

  /** A request to stop a run is repeated after this long. */
  private static final Duration STOP_AGAIN = Duration.ofSeconds(1);

  private final Caller.Agent agent;
  private final long epoch;
  private final LinkSocket socket;
  private final AgentCalls calls;
  private final RateLimits limits;
  private final ExecutorService background;
  private final StandingGrants standing;
  private final AtomicInteger turns = new AtomicInteger();
  private final ReentrantLock granting = new ReentrantLock();
  private final AtomicBoolean telling = new AtomicBoolean();

  /** The number of the last turn that came. */
  private long lastTurn;

  private volatile Host host;
  private volatile long heardAt = System.nanoTime();
  private volatile boolean mayRun = true;
  private volatile boolean stopping;
  private volatile boolean ended;

  Link(
      Caller.Agent agent,
      Host host,
      LinkSocket socket,
      AgentCalls calls,
      RateLimits limits,
      ExecutorService background) {
    this.agent = agent;
    this.host = host;
    this.epoch = host.session().epoch();
    this.socket = socket;
    this.calls = calls;
    this.limits = limits;
    this.background = background;
    this.standing = new StandingGrants(epoch);
  }

  /** The agent's host, as it was a second ago. */
  Host host() {
    return host;
  }

  /** How many jobs may be granted now. */
  int room() {
    return isQuietFor(calls.heartbeat().plus(LATE)) ? 0 : standing.room();
  }

  /** Offers a job; false if there is no room for it. */
  boolean offer(String job, Runnable otherwise) {
    if (ended || !standing.offer(job, otherwise)) {
      return false;
    }
    inBackground(this::grant);
    return true;
  }

  /** More has come to wait for this host. */
  void moreWaits() {
    standing.moreWaits();
    inBackground(this::grant);
  }

  /** Takes a message; called by one thread at a time, which is not held. */
  void received(byte[] message) {
    heardAt = System.nanoTime();
    if (turns.incrementAndGet() > MOST_TURNS) {
      end(REFUSED, "one turn at a time");
      return;
    }
    LinkTurn turn;
    try {
      turn = MessageJson.read(message, LinkTurn.class);
    } catch (JacksonException notATurn) {
      end(INVALID, "not a turn");
      return;
    }
    if (turn.turn() != lastTurn && turn.turn() != lastTurn + 1) {
      end(REFUSED, "a turn is missing");
      return;
    }
    boolean again = turn.turn() == lastTurn;
    lastTurn = turn.turn();
    inBackground(() -> take(turn, again));
  }

  /** A message is longer than a turn may be. */
  void tooLarge() {
    end(TOO_LARGE, "a turn has at most " + LinkTurn.MAX_BYTES + " bytes");
  }

  /**
   * Takes a turn, and answers it.
   *
   * @param again it came before: its reports are answered as they were, and its claim stands
   */
  private void take(LinkTurn turn, boolean again) {
    var taken = false;
    try {
      var answer = answer(turn, again);
      if (!ended) {
        socket.send(LinkMessage.of(answer));
      }
      turns.decrementAndGet();
      taken = true;
    } catch (ApiProblem refused) {
      taken = true;
      end(
          refused.status().value() == 410 ? SESSION_OVER : REFUSED,
          refused.status().value() == 410 ? "session over" : refused.code());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!taken) {
        // The agent reports by calls, and they answer what is wrong.
        end(FAILED, "the turn was not taken");
      }
    }
  }

  private LinkTurn.Answer answer(LinkTurn turn, boolean again) throws InterruptedException {
    if (turn.reports().size() > MOST_REPORTS) {
      throw ApiProblem.badRequest("too_many", "A turn has at most " + MOST_REPORTS + " reports.");
    }
    delay(Math.max(1, turn.reports().size()));
    var answers = calls.reports(agent, turn.reports());
    var beat = turn.heartbeat();
    var beaten =
        beat == null
            ? null
            : calls.heartbeat(agent, new Heartbeat(epoch, beat.running(), Duration.ZERO));
    if (beat != null) {
      mayRun = !beat.running().isEmpty();
    }
    if (!again && !standing.update(turn.claim())) {
      throw ApiProblem.badRequest("invalid_claim", "The standing claim is not valid.");
    }
    // Waits for a claim that is being granted: after the answer nothing comes that crosses it.
    granting.lock();
    try {
      grantAll();
    } finally {
      granting.unlock();
    }
    return new LinkTurn.Answer(turn.turn(), answers, beaten);
  }

  /** Counts what an agent says as its calls are counted; one that says too much has to wait. */
  private void delay(int calls) throws InterruptedException {
    var pause = limits.delay(RateLimits.Limit.AGENT, agent.agent(), calls);
    if (pause.isPositive()) {
      Thread.sleep(pause.compareTo(LONGEST_DELAY) < 0 ? pause : LONGEST_DELAY);
    }
  }

  private void grant() {
    // Again after each time: what others came to know of while it was granting, they left to it.
    while (standing.isWanted() && granting.tryLock()) {
      try {
        grantAll();
      } finally {
        granting.unlock();
      }
    }
  }

  private void grantAll() {
    while (!ended && room() > 0) {
      var round = standing.next();
      if (round.isEmpty()) {
        return;
      }
      grant(round.get());
    }
  }

  private void grant(StandingGrants.Round round) {
    var answer = new Claim.Answer(List.of(), true);
    var done = false;
    try {
      answer = calls.grantStanding(agent, round.claim());
      done = true;
    } catch (ApiProblem over) {
      done = true;
      end(SESSION_OVER, "session over");
    } finally {
      if (!done) {
        // Something may have been granted. The agent asks for it by the claim.
        end(FAILED, "a claim was not granted");
      }
      var orders = standing.granted(round, answer);
      orders.ifPresent(
          granted -> {
            mayRun = true;
            socket.send(LinkMessage.of(granted));
          });
      StandingGrants.otherwise(round, answer.orders()).forEach(Runnable::run);
    }
  }

  /** Tells the agent what to stop, if anything is. */
  void tellStops() {
    if (telling.compareAndSet(false, true)) {
      inBackground(
          () -> {
            telling.set(false);
            var stop = calls.toStop(agent.host());
            stopping = !stop.isEmpty();
            if (!stop.isEmpty()) {
              socket.send(LinkMessage.of(new Heartbeat.Answer(STOP_AGAIN, stop, List.of())));
            }
          });
    }
  }

  /** Looks whether the link may go on; called every second with what the store says of its host. */
  void look(Host now) {
    if (!now.credential().agent().equals(agent.agent()) || now.session().epoch() != epoch) {
      end(SESSION_OVER, "session over");
    } else if (isQuietFor(calls.silence())) {
      end(GOING_AWAY, "nothing was heard");
    } else {
      host = now;
      // An agent that listens to announcements hears of stops that other supervisors were asked
      // for.
      if (stopping || (mayRun && !now.session().listening())) {
        tellStops();
      }
    }
  }

  /** Ends the link. */
  void end(int code, String why) {
    closed();
    socket.close(code, why);
  }

  /** The connection is gone. */
  void closed() {
    if (!ended) {
      ended = true;
      log.atDebug().addKeyValue("host", host.name()).log("link ended");
    }
    standing.end().forEach(Runnable::run);
  }

  private boolean isQuietFor(Duration time) {
    return System.nanoTime() - heardAt > time.toNanos();
  }

  private void inBackground(Runnable work) {
    try {
      background.execute(work);
    } catch (RejectedExecutionException goingDown) {
      end(GOING_AWAY, "shutting down");
    }
  }
}
