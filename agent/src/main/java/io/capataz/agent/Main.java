package io.capataz.agent;

import io.capataz.agent.host.DataFolder;
import io.capataz.agent.host.Systemd;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.TrustedCertificates;
import io.capataz.agent.process.Keepers;
import io.capataz.common.command.Command;
import io.capataz.common.command.Settings;
import io.capataz.common.command.StartFailure;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the agent's objects, and ties its life to the process's signals. */
public final class Main {

  private static final Logger log = LoggerFactory.getLogger(Main.class);

  /** What runs gets 5 s to end and is killed then; its last report may take the rest. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(10);

  private static final int HTTP_THREADS = 2;

  private Main() {}

  /** Runs an agent until it is stopped. */
  public static void main(String[] arguments) {
    AgentConfig.COMMAND.main(arguments, given -> System.exit(run(given)));
  }

  private static int run(Settings given) throws InterruptedException {
    AgentConfig config =
        AgentConfig.read(
            given, System.getenv(), ThisHost.name(), Runtime.getRuntime().availableProcessors());
    Optional<String> missing = Keepers.missing();
    if (missing.isPresent()) {
      throw new StartFailure(missing.get());
    }
    AgentThreads threads = threads();
    try (DataFolder data = config.openData();
        HostTools tools = HostTools.open(config, data, threads.waiters(), InstantSource.system());
        HttpClient http = http(config.connection().caFile())) {
      Agent agent =
          new Agent(
              config,
              data,
              tools,
              Systemd.of(System.getenv()),
              http,
              threads,
              new Backoff(
                  Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault()),
              SHUTDOWN);
      onSignal(agent);
      if (config.stop().withParent()) {
        withParent(agent);
      }
      return agent.work() instanceof Agent.Ending.Wanted ? 0 : Command.FAILED;
    } catch (IOException e) {
      throw new StartFailure(String.valueOf(e.getMessage()));
    }
  }

  static AgentThreads threads() {
    // Else a virtual thread that touches a file may be given another thread of the system to stand
    // in for it, and fails at any such place where there is none to be had.
    System.setProperty(
        "jdk.virtualThreadScheduler.maxPoolSize",
        Integer.toString(Runtime.getRuntime().availableProcessors()));
    ThreadFactory cheap = Thread.ofVirtual().name("agent-", 0).factory();
    ThreadFactory blocking = Thread.ofPlatform().name("agent-blocking-", 0).daemon().factory();
    ThreadFactory small =
        Thread.ofPlatform().name("agent-waiter-", 0).daemon().stackSize(128 * 1024).factory();
    return new AgentThreads(cheap, blocking, Executors.newCachedThreadPool(small));
  }

  static HttpClient http(Optional<Path> caFile) throws IOException {
    // Shorter than the supervisor's own, so that a call never meets a connection it just closed.
    System.setProperty("jdk.httpclient.keepalive.timeout", "15");
    // Threads that are there already and touch no disk: a heartbeat goes out when there are no more
    // threads to be had, and when all others wait for a disk. They hand on what comes; none waits.
    ThreadPoolExecutor few =
        new ThreadPoolExecutor(
            HTTP_THREADS,
            HTTP_THREADS,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("http-", 0).daemon().stackSize(256 * 1024).factory());
    var _ = few.prestartAllCoreThreads();
    HttpClient.Builder http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .executor(few);
    if (caFile.isPresent()) {
      http.sslContext(TrustedCertificates.read(caFile.get()).context());
    }
    return http.build();
  }

  private static void onSignal(Agent agent) {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("agent-shutdown")
                .unstarted(
                    () -> {
                      agent.stop("signal");
                      agent.awaitEnd();
                    }));
  }

  /** Whoever started the agent holds the other end of its standard input, and dies with it. */
  private static void withParent(Agent agent) {
    Thread.ofPlatform()
        .name("agent-parent")
        .daemon()
        .start(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (IOException e) {
                log.debug("standard input broke off", e);
              }
              agent.stop("its parent is gone");
            });
  }
}
