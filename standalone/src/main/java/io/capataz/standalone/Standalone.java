package io.capataz.standalone;

import io.capataz.common.command.StartFailure;
import io.capataz.common.files.PrivateFiles;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.MessageJson;
import io.capataz.embedded.QuietLogs;
import io.capataz.embedded.broker.BrokerPasswords;
import io.capataz.embedded.broker.FreePort;
import io.capataz.embedded.broker.KeptBroker;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.SupervisorApplication;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.HostWork;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.JoinTokens;
import io.capataz.supervisor.runtime.MongoClientFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataAccessException;
import tools.jackson.core.JacksonException;

/**
 * A whole Capataz from one command: store, broker and supervisor in this process, one agent beside
 * it.
 *
 * <p>Store, broker and Spring start side by side; the application meets the other two where it
 * first asks for their addresses. They stop one after the other, the agent first and the store
 * last, so that what each of them still has to say is heard.
 */
final class Standalone {

  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  /** Where the supervisor's store is, if it is ours. No address: nobody connects. */
  private static final String OWN_STORE = "mongodb://this-process";

  /**
   * A part that has not stopped by then is killed, which costs no data. Waiting for running jobs
   * comes on top.
   */
  private static final Duration LONGEST_STOP = Duration.ofSeconds(20);

  private final StandaloneSettings settings;

  /** New at every start; only the supervisor and its agents receive them. */
  private final BrokerPasswords passwords = BrokerPasswords.random();

  /** The supervisor calls it in this process; complete before its address is known. */
  private final CompletableFuture<EmbeddedStore> ownStore = new CompletableFuture<>();

  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private boolean stopping;

  private Standalone(StandaloneSettings settings) {
    this.settings = settings;
  }

  public static void main(String[] arguments) {
    long begun = System.nanoTime();
    leaveProcessorsToOthersDuringCommits();
    StandaloneSettings.COMMAND.main(
        arguments,
        given -> {
          new Standalone(StandaloneSettings.of(given)).start(begun);
          if (given.has("until-ready")) {
            System.exit(0); // The launcher only wants the JVM to have seen a start.
          }
        });
  }

  /**
   * Requests run on virtual threads and call the store themselves. The one that commits may wait
   * for the disk and keeps its carrier meanwhile, so there is one more than there are processors.
   */
  private static void leaveProcessorsToOthersDuringCommits() {
    if (System.getProperty(CARRIERS) == null) {
      System.setProperty(CARRIERS, String.valueOf(Runtime.getRuntime().availableProcessors() + 1));
    }
  }

  private void start(long begun) throws Exception {
    stopWithTheProcess();
    DataFolder folder = keep(DataFolder.lock(settings.data()));
    refuseTakenPort(settings.port());
    QuietLogs.now();
    FutureTask<Reachable> store = begin("store", () -> storeIn(folder.path()));
    FutureTask<Reachable> broker = begin("broker", () -> brokerIn(folder.path()));

    ConfigurableApplicationContext application =
        keep(startApplication(folder.path(), store, broker));
    String address =
        "http://127.0.0.1:" + application.getEnvironment().getRequiredProperty("local.server.port");
    String agent =
        settings.agent()
            ? startAgent(address, folder.path(), application)
            : "none: jobs wait until a host has one";
    announce(begun, address, folder.path(), store.get(), broker.get(), agent);
  }

  private Reachable storeIn(Path data) {
    if (settings.mongodbUri().isPresent()) {
      return new Reachable(settings.mongodbUri().get(), "a MongoDB of yours");
    }
    Path folder = data.resolve("store");
    EmbeddedStore store = keep(openStore(folder));
    ownStore.complete(store);
    String shown =
        settings.storePort().isPresent()
            ? "%s as user %s, password in %s"
                .formatted(store.address(), EmbeddedStore.USER, passwordFile(folder))
            : "in this process";
    return new Reachable(OWN_STORE, embedded(shown, data));
  }

  private static String embedded(String address, Path data) {
    return "%s (embedded, data in %s)".formatted(address, data);
  }

  /**
   * A commit need not wait for the disk: this start is not for machines that lose power. Without a
   * port this process alone can use it.
   */
  private EmbeddedStore openStore(Path folder) {
    EmbeddedStore.Durability kept = EmbeddedStore.Durability.PROCESS_KILL;
    Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    if (settings.storePort().isEmpty()) {
      return EmbeddedStore.open(folder, kept, clock);
    }
    int port = settings.storePort().getAsInt();
    return EmbeddedStore.open(folder, port, kept, clock, PrivateFiles.secret(passwordFile(folder)));
  }

  private static Path passwordFile(Path folder) {
    return folder.resolve("password");
  }

  private Reachable brokerIn(Path data) throws IOException {
    if (settings.kafka().isPresent()) {
      return new Reachable(settings.kafka().get(), settings.kafka().get());
    }
    KeptBroker broker = keep(KeptBroker.start(data.resolve("broker"), passwords));
    return new Reachable(broker.bootstrapServers(), embedded(broker.bootstrapServers(), data));
  }

  private ConfigurableApplicationContext startApplication(
      Path data, FutureTask<Reachable> store, FutureTask<Reachable> broker) {
    return SupervisorApplication.start(
        application -> {
          application.setRegisterShutdownHook(false); // We stop it, between agent and broker.
          application.setLogStartupInfo(false);
          application.setDefaultProperties(QuietLogs.asSettings());
          application.addInitializers(
              context ->
                  context
                      .getEnvironment()
                      .getPropertySources()
                      .addFirst(new AddressesWhenReady(fixedSettings(data), store, broker)));
          if (settings.mongodbUri().isEmpty()) {
            application.addInitializers(this::callStoreInThisProcess);
          }
        });
  }

  private void callStoreInThisProcess(ConfigurableApplicationContext context) {
    MongoClientFactory factory = settingsOfClient -> ownStore.join().client(settingsOfClient);
    context.getBeanFactory().registerSingleton("ownStore", factory);
  }

  private Map<String, Object> fixedSettings(Path data) {
    Map<String, Object> fixed = new HashMap<>();
    fixed.put("server.address", "127.0.0.1");
    fixed.put("server.port", settings.port());
    fixed.put("capataz.data", data.toString());
    fixed.put("capataz.organization", settings.organization());
    // What a stop waits for is a request of a browser, never a script.
    fixed.put("spring.lifecycle.timeout-per-shutdown-phase", "2s");
    if (settings.kafka().isEmpty()) {
      String security = "capataz.kafka-security.";
      fixed.put(security + "protocol", "SASL_PLAINTEXT");
      fixed.put(security + "mechanism", "PLAIN");
      fixed.put(security + "user", BrokerPasswords.SUPERVISOR);
      fixed.put(security + "password", passwords.supervisor());
      fixed.put(security + "agent-user", BrokerPasswords.AGENT);
      fixed.put(security + "agent-password", passwords.agent());
    }
    return fixed;
  }

  /** Starts the agent and describes it. */
  private String startAgent(String address, Path data, ConfigurableApplicationContext application)
      throws IOException {
    Path jar = agentJar();
    if (!Files.isRegularFile(jar)) {
      throw new StartFailure(
          "The agent is not at %s. Build it with ./mvnw -Dquick package, or start with --no-agent."
              .formatted(jar));
    }
    JoinTokens tokens = application.getBean(JoinTokens.class);
    Path agentData = agentData(data);
    String host = enrolledName(agentData, application).orElseGet(AgentProcess::hostName);
    AgentProcess agent =
        AgentProcess.start(
            jar,
            address,
            agentData,
            host,
            settings.slots(),
            settings.stop(),
            () -> tokens.issue(settings.organization(), host));
    var _ = keep(new AgentStop(agent, settings.stop(), () -> running(host, application)));
    return "process %d on host %s".formatted(agent.pid(), host);
  }

  /** The machine may be called something else by now; its host keeps its name. */
  private Optional<String> enrolledName(
      Path agentData, ConfigurableApplicationContext application) {
    Path credential = agentData.resolve("credential");
    if (!Files.isReadable(credential)) {
      return Optional.empty();
    }
    try {
      String host = MessageJson.read(Files.readAllBytes(credential), Enrolment.Answer.class).host();
      return application.getBean(Hosts.class).find(settings.organization(), host).map(Host::name);
    } catch (IOException | JacksonException e) {
      return Optional.empty(); // The agent says what is wrong with the file.
    }
  }

  private int running(String host, ConfigurableApplicationContext application) {
    try {
      return application
          .getBean(Hosts.class)
          .withName(settings.organization(), host)
          .map(
              its ->
                  application
                      .getBean(HostWork.class)
                      .underWay(List.of(its.id()))
                      .getOrDefault(its.id(), 0))
          .orElse(0);
    } catch (DataAccessException e) {
      return 0; // The store is away; there is nothing to say about jobs.
    }
  }

  /**
   * Beside the data folder and not in it: users whom tasks run as must be able to enter it, and
   * have no business with the rest. An agent that has its things in the data folder, as it was
   * before, keeps them there.
   */
  private Path agentData(Path data) {
    Path before = data.resolve("agent");
    return settings
        .agentData()
        .orElse(
            Files.isDirectory(before) || data.getFileName() == null
                ? before
                : data.resolveSibling(data.getFileName() + "-agent"))
        .toAbsolutePath();
  }

  /** The launcher names the home; without it the folder we were started in has to be it. */
  private static Path agentJar() {
    return Path.of(System.getProperty("capataz.home", "."), "agent/target/capataz-agent.jar")
        .toAbsolutePath()
        .normalize();
  }

  private void announce(
      long begun, String address, Path data, Reachable store, Reachable broker, String agent) {
    System.out.printf(
        """
        Capataz is ready at %s after %d ms (process %d).
          console      %s
          admin token  %s
          store        %s
          broker       %s
          agent        %s
        %s
        """,
        address,
        Duration.ofNanos(System.nanoTime() - begun).toMillis(),
        ProcessHandle.current().pid(),
        console(address, data),
        data.resolve("admin.token"),
        store.shown(),
        broker.shown(),
        agent,
        farewell(settings.stop()));
  }

  /** At the first start the link signs the owner in, once within an hour. */
  private static String console(String address, Path data) {
    Path link = data.resolve("login.link");
    try {
      return Files.exists(link) ? Files.readString(link).strip() : address + "/console";
    } catch (IOException unreadable) {
      return address + "/console";
    }
  }

  /** The last of the lines, on which the demo relies. */
  private static String farewell(StandaloneSettings.Stop stop) {
    return (stop.endsJobs()
            ? "Ctrl-C stops everything, running jobs too;"
            : "Ctrl-C stops everything but jobs that take longer than %d s;"
                .formatted(stop.drain().toSeconds()))
        + " the same command on the same folder goes on from there.";
  }

  private static void refuseTakenPort(int port) {
    if (port != 0 && !FreePort.isFree(port)) {
      throw new StartFailure(
          "Port %d of 127.0.0.1 is taken by another process. Stop that one, or choose another port with --port (0: any free one)."
              .formatted(port));
    }
  }

  private static FutureTask<Reachable> begin(String name, Callable<Reachable> start) {
    FutureTask<Reachable> task = new FutureTask<>(start);
    Background.start("start-" + name, task);
    return task;
  }

  /** Remembers to stop {@code part}; whatever comes up while we stop already is stopped at once. */
  private <T extends AutoCloseable> T keep(T part) {
    synchronized (running) {
      if (!stopping) {
        running.push(part);
        return part;
      }
    }
    close(part);
    return part;
  }

  private void stopWithTheProcess() {
    Background.atExit(this::stop);
  }

  private void stop() {
    CountDownLatch stopped = new CountDownLatch(1);
    Duration bound = LONGEST_STOP.plus(settings.stop().drain());
    Background.start("stop-bound", () -> haltUnless(stopped, bound));
    for (AutoCloseable part = nextToStop(); part != null; part = nextToStop()) {
      close(part);
    }
    stopped.countDown();
  }

  /** What came last: the agent, then the application, then what it talks to, then the lock. */
  private @Nullable AutoCloseable nextToStop() {
    synchronized (running) {
      stopping = true;
      return running.poll();
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) { // The others must be stopped all the same.
      System.err.printf("%s did not stop well: %s%n", part.getClass().getSimpleName(), e);
    }
  }

  private static void haltUnless(CountDownLatch stopped, Duration bound) {
    try {
      if (!stopped.await(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.printf(
            "Capataz did not stop within %d s and is ended now; nothing that was acknowledged is"
                + " lost.%n",
            bound.toSeconds());
        Runtime.getRuntime().halt(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Only the end of the JVM interrupts it.
    }
  }
}
