package io.capataz.e2e;

import static java.util.Objects.requireNonNull;

import io.capataz.e2e.Part.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A whole Capataz as production has it, in processes of their own: a store, a broker, supervisors,
 * agents. Each can be killed and comes back on its own port and folder. Closing it ends them all,
 * and fails if one of them has written a key into its log, whatever the story was about.
 *
 * <p>A story that leaves everything but its own agents alone is told {@linkplain #standing on the
 * standing fleet}: store, broker and two supervisors that all such stories share and that end with
 * this JVM. Closing such a fleet ends its agents.
 */
final class Fleet implements AutoCloseable {

  /** A key of ours, of whatever kind. */
  static final Pattern KEY = Pattern.compile("cpz_[a-z]{2}_[0-9A-Za-z]{65}");

  private static final Path STANDING = Path.of("target", "standing-fleet").toAbsolutePath();

  /** How agents speak to their supervisors, unless a story says otherwise. */
  private static final String LINK = System.getProperty("capataz.link", "auto");

  private static final AtomicInteger GUESTS = new AtomicInteger();

  private static @Nullable Fleet standing;

  private final Path folder;
  private final @Nullable Fleet host;
  private final Part store;
  private final Part broker;
  private final List<Part> supervisors = new ArrayList<>();
  private final List<Part> agents = new ArrayList<>();
  private final Map<String, String> hosts = new HashMap<>();
  private final Map<String, Path> agentFolders = new HashMap<>();
  private final Thread atExit = Thread.ofPlatform().unstarted(this::killAll);
  private @Nullable Api api;

  private Fleet(Path folder, Part store, Part broker) {
    this.folder = folder;
    this.host = null;
    this.store = store;
    this.broker = broker;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Agents of a story's own on a fleet that is not. */
  private Fleet(Path folder, Fleet host) {
    this.folder = folder;
    this.host = host;
    this.store = host.store;
    this.broker = host.broker;
    this.supervisors.addAll(host.supervisors);
    this.api = host.api();
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Agents on the standing fleet. The story kills none but these, and its tasks and hosts have
   * names of their own.
   */
  static Plan standing(Path folder) {
    Plan plan = in(folder);
    plan.isGuest = true;
    return plan;
  }

  private static synchronized Fleet standing() throws IOException {
    if (standing == null) {
      JvmFlags.removeAll(STANDING);
      standing = in(STANDING).supervisors(2).agents(0, 0).start();
    }
    return standing;
  }

  static Plan in(Path folder) {
    return in(folder, JvmFlags.ofThisBuild());
  }

  static Plan in(Path folder, JvmFlags flags) {
    return new Plan(folder, flags);
  }

  /** What a fleet is to be. */
  static final class Plan {

    private final Path folder;
    private final JvmFlags flags;
    private int supervisors = 1;
    private int agents = 1;
    private int slots = 4;
    private IntPredicate linked = _ -> true;
    private IntUnaryOperator storeSeenAs = IntUnaryOperator.identity();
    private IntUnaryOperator supervisorSeenAs = IntUnaryOperator.identity();
    private Map<Integer, Map<String, String>> environments = Map.of();
    private boolean isGuest;

    private Plan(Path folder, JvmFlags flags) {
      this.folder = folder;
      this.flags = flags;
    }

    Plan supervisors(int count) {
      supervisors = count;
      return this;
    }

    Plan agents(int count, int slotsOfEach) {
      agents = count;
      slots = slotsOfEach;
      return this;
    }

    /** Has the other agents, by their numbers from 0, make calls only, as older ones do. */
    Plan linked(IntPredicate which) {
      linked = which;
      return this;
    }

    /** Has supervisors told another port than the store's own, where something stands between. */
    Plan storeSeenAs(IntUnaryOperator port) {
      storeSeenAs = port;
      return this;
    }

    /** Has agents told another port than their supervisor's own. */
    Plan supervisorSeenAs(IntUnaryOperator port) {
      supervisorSeenAs = port;
      return this;
    }

    /** More of an environment for supervisors, by their numbers from 0. */
    Plan environments(Map<Integer, Map<String, String>> more) {
      environments = Map.copyOf(more);
      return this;
    }

    /** Starts everything and returns when every agent is online. */
    Fleet start() throws IOException {
      Path logs = Files.createDirectories(folder.resolve("logs"));
      if (isGuest) {
        return startGuest(logs);
      }
      int storePort = Ports.free();
      int brokerPort = Ports.free();
      Part store = alone(Kind.STORE, logs, storePort);
      Part broker = alone(Kind.BROKER, logs, brokerPort);
      Fleet fleet = new Fleet(folder, store, broker);
      try {
        fleet.startSupervisors(this, logs, storePort, brokerPort);
        return fleet;
      } catch (IOException | RuntimeException | AssertionError e) {
        fleet.close();
        throw e;
      }
    }

    private Fleet startGuest(Path logs) throws IOException {
      Fleet fleet = new Fleet(folder, Fleet.standing());
      try {
        fleet.startAgents(this, logs, "guest-" + GUESTS.incrementAndGet() + "-agent-");
        return fleet;
      } catch (RuntimeException | AssertionError e) {
        fleet.close();
        throw e;
      }
    }

    private Part alone(Kind kind, Path logs, int port) {
      String name = kind == Kind.STORE ? "store" : "broker";
      return new Part(
          kind,
          name,
          logs,
          List.of(
              name, "--data", folder.resolve(name).toString(), "--port", Integer.toString(port)),
          Map.of("CAPATAZ_JAVA_OPTIONS", flags.of(kind)));
    }
  }

  private void startSupervisors(Plan plan, Path logs, int storePort, int brokerPort)
      throws IOException {
    store.start();
    broker.start();
    store.awaitReady();
    Awaitility.await("the broker's passwords")
        .until(() -> Files.exists(folder.resolve("broker/broker-agent.password")));
    int storeSeenAs = plan.storeSeenAs.applyAsInt(storePort);
    List<URI> addresses = new ArrayList<>();
    for (int i = 0; i < plan.supervisors; i++) {
      int port = Ports.free();
      Map<String, String> environment = new HashMap<>();
      environment.put("CAPATAZ_JAVA_OPTIONS", plan.flags.of(Kind.SUPERVISOR));
      environment.put(
          "CAPATAZ_MONGODB_URI",
          "mongodb://capataz:%s@127.0.0.1:%d/?authMechanism=SCRAM-SHA-256"
              .formatted(
                  Files.readString(folder.resolve("store/store/password")).strip(), storeSeenAs));
      // All callers here are one address, and most have one key.
      environment.put("CAPATAZ_RATE_LIMIT_ENABLED", "false");
      environment.put("CAPATAZ_KAFKA", "127.0.0.1:" + brokerPort);
      Map<String, String> security =
          Map.of(
              "PROTOCOL", "SASL_PLAINTEXT",
              "MECHANISM", "PLAIN",
              "USER", "supervisor",
              "PASSWORD_FILE", folder.resolve("broker/broker-supervisor.password").toString(),
              "AGENT_USER", "agent",
              "AGENT_PASSWORD_FILE", folder.resolve("broker/broker-agent.password").toString());
      security.forEach((name, value) -> environment.put("CAPATAZ_KAFKA_SECURITY_" + name, value));
      environment.put("CAPATAZ_DATA", folder.resolve("supervisor-" + i).toString());
      if (i > 0) {
        // One store, one key: the first start has made it.
        environment.put(
            "CAPATAZ_VAULT_KEY_FILE", folder.resolve("supervisor-0/vault.key").toString());
      }
      environment.putAll(plan.environments.getOrDefault(i, Map.of()));
      Part supervisor =
          new Part(
              Kind.SUPERVISOR,
              "supervisor-" + i,
              logs,
              List.of("supervisor", "--listen=127.0.0.1", "--port=" + port),
              environment);
      supervisors.add(supervisor);
      addresses.add(URI.create("http://127.0.0.1:" + port));
      supervisor.start();
      if (i == 0) {
        broker.awaitReady();
        supervisor.awaitReady(); // Its first start makes the organization and the token.
      }
    }
    Path token = folder.resolve("supervisor-0/admin.token");
    Awaitility.await("the owner's token").until(() -> Files.exists(token));
    Api client = new Api(addresses, Files.readString(token).strip());
    api = client;
    supervisors.forEach(Part::awaitReady);
    startAgents(plan, logs, "agent-");
  }

  /** The first agent speaks to the first supervisor, and so on in turn. */
  private void startAgents(Plan plan, Path logs, String names) {
    List<URI> addresses = api().supervisors();
    for (int i = 0; i < plan.agents; i++) {
      URI address = addresses.get(i % addresses.size());
      agentFolders.put(names + i, folder.resolve("agent-" + i));
      startAgent(
          plan,
          logs,
          names + i,
          plan.linked.test(i) ? LINK : "off",
          plan.supervisorSeenAs.applyAsInt(address.getPort()));
    }
    agents.forEach(Part::awaitReady);
    Awaitility.await("every host is online")
        .atMost(Duration.ofMinutes(1))
        .until(this::areAllOnline);
  }

  private void startAgent(Plan plan, Path logs, String name, String link, int supervisor) {
    String joinToken =
        api()
            .post("/%s/host/join-token".formatted(Api.CUSTOMER), Map.of("host", name))
            .path("token")
            .asString();
    Part agent =
        new Part(
            Kind.AGENT,
            name,
            logs,
            List.of(
                "agent",
                "--supervisor",
                "http://127.0.0.1:" + supervisor,
                "--data",
                requireNonNull(agentFolders.get(name)).toString(),
                "--host",
                name,
                "--slots",
                Integer.toString(plan.slots),
                "--on-stop",
                "end",
                // Scripts meet the stories in files that the stories' user made.
                "--run-as",
                "agent"),
            Map.of("CAPATAZ_JAVA_OPTIONS", plan.flags.of(Kind.AGENT), "CAPATAZ_LINK", link));
    agents.add(agent);
    agent.start(Map.of("CAPATAZ_JOIN_TOKEN", joinToken));
  }

  private boolean areAllOnline() {
    List<JsonNode> all =
        api()
            .get("/" + Api.CUSTOMER + "/host")
            .valueStream()
            .filter(h -> agentFolders.containsKey(h.path("name").asString()))
            .toList();
    all.forEach(h -> hosts.put(h.path("name").asString(), h.path("id").asString()));
    return all.size() == agents.size()
        && all.stream()
            .allMatch(h -> h.path("online").asBoolean() && h.path("listening").asBoolean());
  }

  Path folder() {
    return folder;
  }

  Part store() {
    return store;
  }

  Part broker() {
    return broker;
  }

  List<Part> supervisors() {
    return List.copyOf(supervisors);
  }

  List<Part> agents() {
    return List.copyOf(agents);
  }

  /** All of a kind. */
  List<Part> all(Kind kind) {
    return all().filter(part -> part.kind() == kind).toList();
  }

  Stream<Part> all() {
    return Stream.of(Stream.of(store, broker), supervisors.stream(), agents.stream())
        .flatMap(parts -> parts);
  }

  /** The id of the host on which an agent runs. */
  String hostOf(Part agent) {
    String host = hosts.get(agent.name());
    if (host == null) {
      throw new IllegalArgumentException(agent + " never was online.");
    }
    return host;
  }

  /** Where an agent keeps what it needs, and its runs. */
  Path folderOf(Part agent) {
    return requireNonNull(agentFolders.get(agent.name()));
  }

  Api api() {
    if (api == null) {
      throw new IllegalStateException("The fleet has not started.");
    }
    return api;
  }

  /** Makes a task on an agent's host, and returns it with its secret key. */
  JsonNode createTask(Part agent, String name, String script, Map<String, ?> more) {
    Map<String, Object> task = new HashMap<>(more);
    task.put("name", name);
    task.put("host_id", hostOf(agent));
    task.put("script", Map.of("filename", "script.sh", "content", script));
    return api().post("/" + Api.CUSTOMER + "/task", task);
  }

  /** How a task is run by its secret key. */
  static Api.Question run(JsonNode task, List<String> arguments) {
    return Api.Question.post(
        "/%s/task/%s/secret/%s/job"
            .formatted(Api.CUSTOMER, task.path("id").asString(), task.path("secret").asString()),
        Map.of("task_arguments", arguments));
  }

  /** Parameters for a task that is given so many arguments. */
  static Map<String, ?> arguments(int count) {
    return Map.of(
        "task_arguments",
        IntStream.range(0, count)
            .mapToObj(i -> Map.of("type", "input", "order", i, "label", "argument " + i))
            .toList());
  }

  /** Ends everything as an administrator would: first what depends on others. */
  void stop() {
    agents.parallelStream().forEach(Part::stop);
    supervisors.parallelStream().forEach(Part::stop);
    broker.stop();
    store.stop();
  }

  /** As {@link #stop}, but side by side, and each may take so long. */
  void stopAtOnce(Duration patience) {
    Stream.concat(agents.stream(), supervisors.stream())
        .parallel()
        .forEach(part -> part.stop(patience));
    Stream.of(broker, store).parallel().forEach(part -> part.stop(patience));
  }

  private void killAll() {
    (host == null ? all() : agents.stream()).forEach(Part::kill);
  }

  @Override
  public void close() {
    // A script ends with an agent that is told to end, and outlives one that is killed.
    agents.parallelStream().forEach(Part::stop);
    killAll();
    if (api != null && host == null) {
      api.close();
    }
    Runtime.getRuntime().removeShutdownHook(atExit);
    List<String> telling = new ArrayList<>(logsWithKeys());
    if (host != null) {
      telling.addAll(host.logsWithKeys());
      telling.addAll(host.all().flatMap(part -> part.falls().stream()).toList());
    }
    if (!telling.isEmpty()) {
      throw new AssertionError("A key in a log, or a process that ended by itself: " + telling);
    }
  }

  private List<String> logsWithKeys() {
    try (Stream<Path> logs = Files.list(folder.resolve("logs"))) {
      List<String> telling = new ArrayList<>();
      for (Path log : logs.toList()) {
        if (KEY.matcher(Files.readString(log, StandardCharsets.ISO_8859_1)).find()) {
          telling.add(log.toString());
        }
      }
      return telling;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
