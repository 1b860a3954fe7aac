package io.capataz.agent;

import io.capataz.agent.host.DataFolder;
import io.capataz.agent.host.IoReason;
import io.capataz.agent.host.Systemd;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.job.JobLoop;
import io.capataz.agent.job.JobSlots;
import io.capataz.agent.job.JobTools;
import io.capataz.agent.job.RunningJobs;
import io.capataz.agent.job.ScriptUsers;
import io.capataz.agent.job.StandingClaims;
import io.capataz.agent.journal.RecoveredRuns;
import io.capataz.agent.link.Announcements;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.BrokerClient;
import io.capataz.agent.link.Link;
import io.capataz.agent.link.LinkedSupervisor;
import io.capataz.agent.link.Pools;
import io.capataz.agent.link.Supervisor;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.agent.policy.HostPolicy;
import io.capataz.agent.session.HeartbeatLoop;
import io.capataz.agent.session.Session;
import io.capataz.agent.session.SessionOpener;
import io.capataz.agent.session.SessionRefused;
import io.capataz.agent.session.SyncLoop;
import io.capataz.common.broker.BrokerProperties;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.SessionEnd;
import java.io.IOException;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the agent process: opens a session, works until it is stopped or cannot continue, then
 * shuts down. {@link #work} blocks. {@link #stop} may be called at any time, from any thread, and
 * repeatedly.
 */
final class Agent {

  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** Maximum number of output calls in memory at once; each holds about a megabyte. */
  private static final int OUTPUT_CALLS = 4;

  private static final Duration ABANDON = Duration.ofSeconds(2);

  /** A little longer than an agent that crashed with its machine counts as alive. */
  private static final Duration RIVAL = Duration.ofSeconds(60);

  /** For the last call, including the lookup of the supervisor's name. */
  private static final Duration LAST_WORD = Duration.ofSeconds(3);

  /** Why the agent ended. */
  sealed interface Ending {
    String why();

    /** It was asked to stop. */
    record Wanted(String why) implements Ending {}

    /** It cannot continue. */
    record Fault(String why) implements Ending {}
  }

  private final AgentConfig config;
  private final DataFolder data;
  private final HostTools tools;
  private final Optional<Systemd> systemd;
  private final HttpClient http;
  private final AgentThreads threads;
  private final Backoff backoff;
  private final Duration shutdown;
  private final SecureRandom random = new SecureRandom();
  private final HostPolicy policy;
  private final ScriptUsers users;
  private final RunningJobs running = new RunningJobs();
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

  /**
   * @param shutdown time limit for ending runs and reporting them on shutdown
   */
  Agent(
      AgentConfig config,
      DataFolder data,
      HostTools tools,
      Optional<Systemd> systemd,
      HttpClient http,
      AgentThreads threads,
      Backoff backoff,
      Duration shutdown) {
    this.config = config;
    this.policy =
        new HostPolicy(
            config.policy().orElse(HostPolicy.DEFAULT_FILE),
            config.policy().isPresent(),
            ThisHost.userNumber());
    this.users = ScriptUsers.of(config.runAs(), ThisHost.userNumber());
    this.data = data;
    this.tools = tools;
    this.systemd = systemd;
    this.http = http;
    this.threads = threads;
    this.backoff = backoff;
    this.shutdown = shutdown;
  }

  /**
   * Asks the agent to stop; {@link #awaitEnd} waits until it has. Asked again, it leaves running
   * scripts to their keepers without waiting for them.
   */
  void stop(String by) {
    if (!ending.complete(new Ending.Wanted(by))) {
      running.hurry();
    }
  }

  /** Waits until {@link #work} has shut everything down. */
  void awaitEnd() {
    ended.join();
  }

  /**
   * Works until it is stopped or cannot continue. When this returns, nothing of it is running,
   * except scripts left to their keepers.
   */
  Ending work() throws InterruptedException {
    // Logs an invalid policy at once, instead of with the first refused job.
    var _ = policy.problem();
    log.info("{}", users.description());
    RecoveredRuns recovered;
    try {
      recovered =
          RecoveredRuns.find(tools.journal(), tools.keepers(), data.runs(), threads.blocking());
    } catch (IOException e) {
      return new Ending.Fault("Cannot recover the runs of an earlier agent: " + IoReason.of(e));
    }
    var opened = new CompletableFuture<Session>();
    var intake = new ArrayList<Runnable>();
    var untilLastRun = new ArrayList<Thread>();
    intake.add(start(threads.cheap(), () -> open(recovered, opened))::interrupt);
    try {
      var _ = CompletableFuture.anyOf(opened, ending).join();
      if (opened.isDone()) {
        begin(opened.join(), recovered, intake, untilLastRun);
      }
      return ending.join();
    } finally {
      end(intake, untilLastRun, opened.isDone() ? Optional.of(opened.join()) : Optional.empty());
    }
  }

  private void open(RecoveredRuns recovered, CompletableFuture<Session> opened) {
    var opener =
        new SessionOpener(
            new SupervisorClient(http, config.supervisor()),
            data,
            backoff,
            config.host(),
            config.slots(),
            config.labels(),
            config.joinToken(),
            RIVAL);
    try {
      opened.complete(opener.open(recovered.held()));
    } catch (SessionRefused | IOException e) {
      sessionOver(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param intake filled with actions that stop the sources of new work
   * @param untilLastRun filled with the threads that must work until the last run has ended
   */
  private void begin(
      Session session, RecoveredRuns recovered, List<Runnable> intake, List<Thread> untilLastRun) {
    long epoch = session.terms().epoch();
    var slots = new JobSlots(config.slots());
    var link = new Link(session.supervisor(), epoch, backoff);
    var supervisor = new LinkedSupervisor(link, session.supervisor());
    var tools = jobTools(supervisor);
    var jobs = new JobLoop(epoch, tools, slots, running, random, this::sessionOver);
    var heartbeats = new HeartbeatLoop(session, supervisor, running, backoff, this::sessionOver);
    var kafka = config.connection().kafka();
    var broker = new BrokerClient(kafka.orElse(BrokerProperties.NONE));
    var pools = new Pools(threads.blocking(), broker, backoff, jobs);
    var listening = new AtomicBoolean();
    var sync =
        new SyncLoop(
            session,
            backoff,
            random,
            listening::get,
            ids -> jobs.heard(ids, Heard.SYNC),
            sources -> pools.listenTo(kafka.isPresent() ? sources : List.of()),
            this::sessionOver);
    var linked = new ArrayList<Thread>();
    if (config.connection().link()) {
      linked.addAll(
          linked(
              link,
              new StandingClaims(
                  epoch,
                  jobs,
                  tools,
                  running,
                  random,
                  () -> {
                    heartbeats.wake();
                    sync.syncNow();
                  })));
    }
    startJobs(jobs, heartbeats, linked, recovered, untilLastRun);
    intake.add(jobs::shutDown);
    intake.add(start(threads.cheap(), sync)::interrupt);
    intake.add(pools::close);
    if (kafka.isPresent()) {
      pools.listenTo(session.terms().pools());
      announcements(session, broker, jobs, heartbeats, listening, sync)
          .ifPresent(it -> intake.add(start(threads.blocking(), it)::interrupt));
    }
    log.info("agent ready: host={} slots={} session={}", config.host(), config.slots(), epoch);
    systemd.ifPresent(manager -> notifyOf(heartbeats, manager, untilLastRun));
  }

  private Optional<Announcements> announcements(
      Session session,
      BrokerClient broker,
      JobLoop jobs,
      HeartbeatLoop heartbeats,
      AtomicBoolean listening,
      SyncLoop sync) {
    return Optional.ofNullable(session.terms().announcements())
        .map(
            source ->
                new Announcements(
                    source,
                    broker,
                    session.identity().host(),
                    backoff,
                    ids -> jobs.heard(ids, Heard.ANNOUNCEMENT),
                    heartbeats::beatNow,
                    listening,
                    sync::syncNow));
  }

  private JobTools jobTools(Supervisor supervisor) {
    return new JobTools(
        supervisor,
        config.supervisor(),
        tools.keepers(),
        tools.journal(),
        policy,
        users,
        tools.scripts(),
        data.runs(),
        data.commands(),
        threads.cheap(),
        new Semaphore(OUTPUT_CALLS),
        backoff);
  }

  /** The threads of the link, which are to be started when the runs are recovered. */
  private List<Thread> linked(Link link, StandingClaims standing) {
    standing.claimOn(link);
    // The link carries heartbeats, and must not depend on a disk.
    return List.of(
        threads.cheap().newThread(standing),
        threads.blocking().newThread(() -> link.keepOpen(standing)));
  }

  /**
   * A heartbeat lists all runs, so the first one is sent after the runs are recovered.
   *
   * @param linked further threads that need them
   */
  private void startJobs(
      JobLoop jobs,
      HeartbeatLoop heartbeats,
      List<Thread> linked,
      RecoveredRuns recovered,
      List<Thread> untilLastRun) {
    // Not on virtual threads: a hanging disk can block all their carriers, and the heartbeat must
    // go on.
    var beats = threads.blocking().newThread(heartbeats);
    var extraBeats = threads.blocking().newThread(heartbeats::runExtra);
    untilLastRun.add(beats);
    untilLastRun.add(extraBeats);
    untilLastRun.addAll(linked);
    untilLastRun.add(
        start(
            threads.cheap(),
            () -> {
              if (hasResumed(jobs, recovered)) {
                beats.start();
                extraBeats.start();
                linked.forEach(Thread::start);
                jobs.run();
              }
            }));
  }

  private void notifyOf(HeartbeatLoop heartbeats, Systemd manager, List<Thread> untilLastRun) {
    manager.ready();
    manager
        .watchdog()
        .ifPresent(
            every ->
                untilLastRun.add(
                    start(threads.cheap(), () -> notifyWatchdog(manager, every, heartbeats))));
  }

  /** Sends watchdog notifications to systemd while the agent is healthy. */
  private static void notifyWatchdog(Systemd systemd, Duration every, HeartbeatLoop heartbeats) {
    try {
      while (true) {
        if (heartbeats.isAlive()) {
          systemd.alive();
        }
        Thread.sleep(every);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean hasResumed(JobLoop jobs, RecoveredRuns recovered) {
    try {
      jobs.resume(recovered);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Shuts down. Heartbeats continue until the last run has ended, since the supervisor still counts
   * on those runs.
   */
  private void end(List<Runnable> intake, List<Thread> untilLastRun, Optional<Session> session)
      throws InterruptedException {
    systemd.ifPresent(Systemd::stopping);
    intake.forEach(Runnable::run);
    var how = ending.getNow(new Ending.Fault("interrupted"));
    try {
      if (config.stop().endsScripts() || how instanceof Ending.Fault) {
        running.shutDown();
        if (!running.awaitEmpty(shutdown)) {
          log.warn(
              "some runs could not be reported in time; the next start of the agent reports them");
        }
      } else {
        drain();
      }
      running.detach();
      var _ = running.awaitEmpty(ABANDON);
    } finally {
      untilLastRun.forEach(Thread::interrupt);
      session.ifPresent(this::sayGoodbye);
      // Here instead of in Main, because the shutdown hook does not wait for main().
      tools.keepers().close();
      data.tidyUp();
      switch (how) {
        case Ending.Wanted(String why) -> log.info("agent ended: {}", why);
        case Ending.Fault(String why) -> log.error("agent ended: {}", why);
      }
      ended.complete(null);
    }
  }

  private void drain() throws InterruptedException {
    // With a parent, the parent logs this once for all of its processes.
    if (running.count() > 0 && !config.stop().withParent()) {
      log.info(
          "running jobs: {}; waiting up to {} s for them",
          running.count(),
          config.stop().drain().toSeconds());
    }
    if (!running.drain(config.stop().drain())) {
      log.info(
          "{} scripts continue without the agent; its next start resumes them", running.count());
    }
  }

  /** Ends the session, so that the host is offline at once. An agent never hangs here. */
  private void sayGoodbye(Session session) {
    var saying =
        start(
            threads.blocking(),
            () -> {
              try {
                var _ = session.supervisor().end(new SessionEnd(session.terms().epoch()));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try {
      var _ = saying.join(LAST_WORD);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sessionOver(String why) {
    ending.complete(new Ending.Fault(why));
  }

  private static Thread start(ThreadFactory factory, Runnable work) {
    var thread = factory.newThread(work);
    thread.start();
    return thread;
  }
}
