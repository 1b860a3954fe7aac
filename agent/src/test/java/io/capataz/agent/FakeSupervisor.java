package io.capataz.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.SessionEnd;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.protocol.Sync;
import io.capataz.common.protocol.WorkOrder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A supervisor in one object: it has jobs, grants them, and records what is reported. Its behaviour
 * can be changed while an agent is connected.
 */
public final class FakeSupervisor implements AutoCloseable {

  public static final String JOIN_TOKEN = "join-me";
  private static final Pattern ATTEMPT =
      Pattern.compile(
          "/agent/v1/jobs/([^/]+)/attempts/([0-9]+)/(script|started|output|progress|end|given-back)");

  private final HttpServer server;

  private final LinkedHashMap<String, WorkOrder> waiting = new LinkedHashMap<>();
  private final Map<String, Claim.Answer> granted = new HashMap<>();
  private final List<Claim> claims = new ArrayList<>();
  private final List<SessionOpening> openings = new ArrayList<>();
  private final List<String> goodbyes = new ArrayList<>();
  private final List<Enrolment> enrolments = new ArrayList<>();
  private final Map<String, AttemptStarted> starts = new HashMap<>();
  private final Map<String, ByteArrayOutputStream> stdout = new HashMap<>();
  private final Map<String, ByteArrayOutputStream> stderr = new HashMap<>();
  private final Map<String, List<ProgressReport.Entry>> progress = new HashMap<>();
  private final Map<String, AttemptEnd> ends = new HashMap<>();
  private final Map<String, AttemptGivenBack> givenBack = new HashMap<>();
  private final Map<String, Bytes> scripts = new HashMap<>();
  private final List<String> attemptCalls = new ArrayList<>();
  private final Set<AttemptId> toStop = new LinkedHashSet<>();
  private final Set<AttemptId> toForget = new LinkedHashSet<>();
  private List<RunningAttempt> running = List.of();
  private int mostRunning;
  private int heartbeats;
  private int extraHeartbeats;
  private int syncs;
  private String credential = "credential-1";
  private long epoch;

  private boolean down;
  private boolean sessionGone;
  private boolean holdingGoodbyes;
  private int rivalFor;
  private @Nullable Instant rival;
  private boolean holdingHeartbeats;
  private boolean holdingClaims;
  private boolean stingy;
  private boolean holdingScripts;
  private @Nullable String losing;
  private int lost;
  private int fencing;
  private SessionOpening.@Nullable AnnouncementSource announcements;
  private List<SessionOpening.PoolSource> pools = List.of();

  public FakeSupervisor() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Queues a job; its claim id is filled in when it is granted. */
  public synchronized void offer(WorkOrder order) {
    waiting.put(order.job(), order);
  }

  /** Queues a job like {@link #offer}, at the head of the queue. */
  public synchronized void offerFirst(WorkOrder order) {
    waiting.putFirst(order.job(), order);
  }

  /** Answers 503 to everything until reset. */
  public synchronized void beDown(boolean down) {
    this.down = down;
  }

  /** Processes the next call to a route whose path ends like this, but drops the answer. */
  public synchronized void loseAnswerOf(String route) {
    losing = route;
  }

  /** Does not answer long-poll heartbeats until reset. */
  public synchronized void holdHeartbeats(boolean holding) {
    holdingHeartbeats = holding;
    notifyAll();
  }

  /** Grants claims, but does not answer them until reset. */
  public synchronized void holdClaims(boolean holding) {
    holdingClaims = holding;
    notifyAll();
  }

  /** Does not send scripts until reset. */
  public synchronized void holdScripts(boolean holding) {
    holdingScripts = holding;
    notifyAll();
  }

  /** Sends other bytes instead of a job's script. */
  public synchronized void swapScript(String job, Bytes other) {
    scripts.put(job, other);
  }

  /** Answers 404 for a job's script. */
  public synchronized void loseScript(String job) {
    scripts.remove(job);
  }

  /** Answers that more jobs wait, but grants none of them. */
  public synchronized void beStingy(boolean stingy) {
    this.stingy = stingy;
  }

  /** Answers every call about an attempt with this status; 0 resets it. */
  public synchronized void fenceAttempts(int status) {
    fencing = status;
  }

  /** Simulates that another session of the agent was opened. */
  public synchronized void replaceSession() {
    sessionGone = true;
  }

  /** Refuses so many openings of sessions, as if another agent with the credential were alive. */
  public synchronized void refuseSessions(int times) {
    rivalFor = times;
  }

  /** Says that another agent with the credential was refused. */
  public synchronized void tellOfRival(Instant refused) {
    rival = refused;
  }

  /** Does not answer the ends of sessions until reset. */
  public synchronized void holdGoodbyes(boolean holding) {
    holdingGoodbyes = holding;
    notifyAll();
  }

  /** The ends of sessions: the epoch, and how many attempts were reported to have ended by then. */
  public synchronized List<String> goodbyes() {
    return List.copyOf(goodbyes);
  }

  /** Replaces the credential. */
  public synchronized void replaceCredential() {
    credential = "credential-2";
  }

  public synchronized void announceOn(SessionOpening.AnnouncementSource source) {
    announcements = source;
  }

  public synchronized void poolsAre(SessionOpening.PoolSource... sources) {
    pools = List.of(sources);
  }

  public synchronized void stop(String job) {
    toStop.add(new AttemptId(job, 1));
  }

  public synchronized void forget(String job) {
    toForget.add(new AttemptId(job, 1));
  }

  public synchronized Optional<AttemptEnd> end(String job) {
    return Optional.ofNullable(ends.get(job));
  }

  public synchronized int endCount() {
    return ends.size();
  }

  public synchronized Optional<Outcome> outcome(String job) {
    return end(job).map(AttemptEnd::outcome);
  }

  public synchronized Optional<AttemptGivenBack> givenBack(String job) {
    return Optional.ofNullable(givenBack.get(job));
  }

  public synchronized Optional<AttemptStarted> start(String job) {
    return Optional.ofNullable(starts.get(job));
  }

  public synchronized String stdout(String job) {
    return text(stdout.get(job));
  }

  /** The progress that was reported before the end. */
  public synchronized List<ProgressReport.Entry> progress(String job) {
    return List.copyOf(progress.getOrDefault(job, List.of()));
  }

  public synchronized String stderr(String job) {
    return text(stderr.get(job));
  }

  public synchronized List<Claim> claims() {
    return List.copyOf(claims);
  }

  public synchronized List<SessionOpening> openings() {
    return List.copyOf(openings);
  }

  public synchronized List<Enrolment> enrolments() {
    return List.copyOf(enrolments);
  }

  public synchronized List<RunningAttempt> running() {
    return running;
  }

  public synchronized int mostRunning() {
    return mostRunning;
  }

  public synchronized int heartbeats() {
    return heartbeats;
  }

  /** The heartbeats that were not long polls. */
  public synchronized int extraHeartbeats() {
    return extraHeartbeats;
  }

  public synchronized int syncs() {
    return syncs;
  }

  public synchronized int lost() {
    return lost;
  }

  /** The calls about attempts, such as {@code started j1}. */
  public synchronized List<String> attemptCalls() {
    return List.copyOf(attemptCalls);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static String text(@Nullable ByteArrayOutputStream bytes) {
    return bytes == null ? "" : bytes.toString(StandardCharsets.UTF_8);
  }

  private void serve(HttpExchange exchange) throws IOException {
    var body = exchange.getRequestBody().readAllBytes();
    var path = exchange.getRequestURI().getPath();
    Answer answer;
    boolean lose;
    synchronized (this) {
      answer = down ? problem(503, "down for repair") : answer(exchange, path, body);
      lose = !down && losing != null && path.endsWith(losing);
      if (lose) {
        losing = null;
        lost++;
      }
    }
    if (lose) {
      exchange.close();
      return;
    }
    byte[] bytes =
        switch (answer.message()) {
          case null -> new byte[0];
          case Bytes raw -> raw.toArray();
          default -> MessageJson.write(answer.message());
        };
    exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private record Answer(int status, @Nullable Object message) {}

  private record Problem(String detail) {}

  private static Answer problem(int status, String detail) {
    return new Answer(status, new Problem(detail));
  }

  private Answer answer(HttpExchange exchange, String path, byte[] body) {
    if (path.equals("/agent/v1/enrolment")) {
      return enrol(MessageJson.read(body, Enrolment.class));
    }
    var authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (!("Bearer " + credential).equals(authorization)) {
      return problem(401, "Unknown credential.");
    }
    var attempt = ATTEMPT.matcher(path);
    if (attempt.matches()) {
      return attempt(attempt.group(1), attempt.group(3), body);
    }
    if (path.equals("/agent/v1/session")) {
      return open(MessageJson.read(body, SessionOpening.class));
    }
    if (sessionGone) {
      return problem(410, "Session 1 is over.");
    }
    return switch (path) {
      case "/agent/v1/session/end" -> {
        goodbyes.add(MessageJson.read(body, SessionEnd.class).epoch() + " after " + ends.size());
        waitWhile(() -> holdingGoodbyes);
        yield new Answer(204, null);
      }
      case "/agent/v1/claims" -> claim(MessageJson.read(body, Claim.class));
      case "/agent/v1/heartbeat" -> heartbeat(MessageJson.read(body, Heartbeat.class));
      case "/agent/v1/sync" -> {
        var _ = MessageJson.read(body, Sync.class);
        syncs++;
        yield new Answer(200, new Sync.Answer(List.copyOf(waiting.keySet()), pools, rival));
      }
      default -> problem(404, "No such route.");
    };
  }

  private Answer enrol(Enrolment enrolment) {
    enrolments.add(enrolment);
    if (!enrolment.joinToken().equals(JOIN_TOKEN)) {
      return problem(401, "The join token is spent.");
    }
    return new Answer(201, new Enrolment.Answer("agent-1", "host-1", "acme", credential));
  }

  private Answer open(SessionOpening opening) {
    openings.add(opening);
    if (rivalFor > 0) {
      rivalFor--;
      return problem(409, "Another agent with this credential is running.");
    }
    epoch++;
    return new Answer(
        200,
        new SessionOpening.Answer(
            epoch,
            Duration.ofMillis(200),
            Duration.ofMillis(200),
            announcements,
            pools,
            List.of()));
  }

  private Answer claim(Claim claim) {
    claims.add(claim);
    var answer = granted.computeIfAbsent(claim.claim(), _ -> grant(claim));
    waitWhile(() -> holdingClaims);
    return new Answer(200, answer);
  }

  /** Grants named jobs first, then the next ones if there are fewer orders than names. */
  private Claim.Answer grant(Claim claim) {
    int most = claim.jobs().isEmpty() ? claim.free() : Math.min(claim.free(), claim.jobs().size());
    var orders =
        Stream.concat(
                claim.jobs().stream().map(waiting::get).filter(Objects::nonNull),
                waiting.values().stream())
            .distinct()
            .limit(stingy ? 0 : most)
            .map(order -> Orders.claimed(order, claim.claim()))
            .map(order -> shortened(order, claim.inline()))
            .toList();
    orders.forEach(order -> waiting.remove(order.job()));
    return new Claim.Answer(orders, !waiting.isEmpty());
  }

  private WorkOrder shortened(WorkOrder order, @Nullable Integer inline) {
    var content = order.script().content();
    if (content == null || inline == null || content.length() <= inline) {
      return order;
    }
    scripts.putIfAbsent(order.job(), content);
    return Orders.withoutContent(order);
  }

  private void waitWhile(BooleanSupplier holding) {
    try {
      while (holding.getAsBoolean()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Answer heartbeat(Heartbeat heartbeat) {
    heartbeats++;
    if (heartbeat.hold().isZero()) {
      extraHeartbeats++;
    } else {
      waitWhile(() -> holdingHeartbeats);
    }
    running = heartbeat.running();
    mostRunning = Math.max(mostRunning, running.size());
    return new Answer(
        200,
        new Heartbeat.Answer(Duration.ofMillis(50), List.copyOf(toStop), List.copyOf(toForget)));
  }

  private Answer attempt(String job, String what, byte[] body) {
    attemptCalls.add(what + " " + job);
    if (fencing != 0) {
      return problem(fencing, "Attempt 1 is over.");
    }
    switch (what) {
      case "script" -> {
        waitWhile(() -> holdingScripts);
        var script = scripts.get(job);
        return script == null ? problem(404, "The script is gone.") : new Answer(200, script);
      }
      case "started" -> starts.put(job, MessageJson.read(body, AttemptStarted.class));
      case "given-back" -> givenBack.put(job, MessageJson.read(body, AttemptGivenBack.class));
      case "progress" ->
          progress
              .computeIfAbsent(job, _ -> new ArrayList<>())
              .addAll(MessageJson.read(body, ProgressReport.class).entries());
      case "end" -> ends.put(job, MessageJson.read(body, AttemptEnd.class));
      default -> {
        for (var chunk : MessageJson.read(body, OutputReport.class).chunks()) {
          take(stream(chunk.stream() == OutputReport.Stream.STDOUT ? stdout : stderr, job), chunk);
        }
        return new Answer(
            200, new OutputReport.Answer(stream(stdout, job).size(), stream(stderr, job).size()));
      }
    }
    return new Answer(204, null);
  }

  private static ByteArrayOutputStream stream(
      Map<String, ByteArrayOutputStream> streams, String job) {
    return streams.computeIfAbsent(job, _ -> new ByteArrayOutputStream());
  }

  private static void take(ByteArrayOutputStream kept, OutputReport.Chunk chunk) {
    int known = (int) (kept.size() - chunk.offset());
    if (known < 0 || known >= chunk.bytes().length()) {
      return;
    }
    var fresh = chunk.bytes().withoutFirst(known);
    try {
      kept.write(fresh.toArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
