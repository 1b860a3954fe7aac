package io.capataz.supervisor.replica;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A replica set of three members as its clients see it, over one embedded store: three ports, of
 * which one at a time takes reads and writes, and elections.
 *
 * <p>In an election, connections are cut, answers are lost whose writes are done, and members
 * refuse for a while with the codes of MongoDB. A write that a driver repeats with its transaction
 * number is answered and not done again. What is not there: writes that are rolled back, and
 * members that lag. All members show the same data.
 */
final class ReplicaSet implements AutoCloseable {

  private static final String NAME = "rs0";
  private static final int MEMBERS = 3;
  private static final int OF_MONGODB_7 = 21;

  /** What members answer to anybody in any state. */
  private static final Set<String> ALWAYS =
      Set.of("hello", "isMaster", "ismaster", "ping", "buildInfo", "endSessions");

  private static final Set<String> WRITES =
      Set.of("insert", "update", "delete", "findAndModify", "createIndexes");

  /** NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, SteppedDown. */
  private static final List<Map.Entry<Integer, String>> REFUSALS =
      List.of(
          Map.entry(10_107, "NotWritablePrimary"),
          Map.entry(11_600, "InterruptedAtShutdown"),
          Map.entry(11_602, "InterruptedDueToReplStateChange"),
          Map.entry(189, "PrimarySteppedDown"));

  private final int store;
  private final Random random;
  private final List<Member> members;
  private final Map<String, Execution> executions = new ConcurrentHashMap<>();
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile Term term = new Term(1, 0, System.nanoTime(), System.nanoTime());

  /**
   * What was decided by an election.
   *
   * @param number grows with each election
   * @param primary the winner's number
   * @param begins when it begins to be primary, on the monotonic clock
   * @param settled until then, some answers are lost
   */
  private record Term(int number, int primary, long begins, long settled) {
    boolean isPrimary(int member) {
      return member == primary && System.nanoTime() - begins >= 0;
    }
  }

  /** A write that a driver has given a number. */
  private static final class Execution {
    private byte @Nullable [] answer;
  }

  private ReplicaSet(int store, long seed) throws IOException {
    this.store = store;
    this.random = new Random(seed);
    var all = new Member[MEMBERS];
    for (var i = 0; i < MEMBERS; i++) {
      all[i] = new Member(i, new ServerSocket(0, 200, InetAddress.getLoopbackAddress()));
    }
    members = List.of(all);
  }

  /**
   * Begins to stand before a store.
   *
   * @param store its port on this machine
   */
  static ReplicaSet over(int store, long seed) {
    try {
      var set = new ReplicaSet(store, seed);
      set.members.forEach(member -> Thread.ofVirtual().start(member::accept));
      return set;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String uri(String database) {
    return members.stream()
        .map(Member::address)
        .collect(Collectors.joining(",", "mongodb://", "/" + database + "?replicaSet=" + NAME));
  }

  /**
   * Has the primary step down. Another member is elected after a while.
   *
   * @param vacant for how long there is no primary
   * @param unsteady for how long after that some answers are lost
   */
  synchronized void elect(Duration vacant, Duration unsteady) {
    var old = term;
    var begins = System.nanoTime() + vacant.toNanos();
    term =
        new Term(
            old.number() + 1, (old.primary() + 1) % MEMBERS, begins, begins + unsteady.toNanos());
    members.get(old.primary()).cutSome();
  }

  /** How many answers of writes that were done did not arrive. */
  int lostAnswers() {
    return lost.get();
  }

  /** How many commands were refused. */
  int refusals() {
    return refused.get();
  }

  private synchronized boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  @Override
  public void close() {
    members.forEach(Member::close);
  }

  /** One of the ports. */
  private final class Member {

    private final int number;
    private final ServerSocket port;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    Member(int number, ServerSocket port) {
      this.number = number;
      this.port = port;
    }

    String address() {
      return "127.0.0.1:" + port.getLocalPort();
    }

    void accept() {
      while (!port.isClosed()) {
        try {
          var client = port.accept();
          open.add(client);
          Thread.ofVirtual().start(() -> serve(client));
        } catch (IOException e) {
          // Closed.
        }
      }
    }

    /** Half of its connections break; the others hear of the election by a refusal. */
    void cutSome() {
      open.stream().filter(_ -> chance(2)).toList().forEach(this::cut);
    }

    private void cut(Closeable connection) {
      open.remove(connection);
      try {
        connection.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void close() {
      cut(port);
      List.copyOf(open).forEach(this::cut);
    }

    private void serve(Socket client) {
      try (client;
          var server = new Socket(InetAddress.getLoopbackAddress(), store)) {
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        var asked = new DataInputStream(client.getInputStream());
        while (true) {
          var answer = answer(WireMessage.read(asked), server);
          if (answer == null) {
            return; // It is lost, and the connection breaks.
          }
          client.getOutputStream().write(answer);
        }
      } catch (IOException e) {
        // One of the two is gone.
      } finally {
        open.remove(client);
      }
    }

    private byte @Nullable [] answer(WireMessage request, Socket server) throws IOException {
      var command = request.body().getFirstKey();
      if (command.equalsIgnoreCase("hello") || command.equalsIgnoreCase("isMaster")) {
        return WireMessage.parse(forward(request.bytes(), server)).with(this::asMember).bytes();
      }
      var now = term;
      if (!ALWAYS.contains(command) && !now.isPrimary(number)) {
        refused.incrementAndGet();
        return request.refusal(refusal());
      }
      var answer = execute(request, server);
      var isLost =
          WRITES.contains(command)
              && (!now.equals(term) || (System.nanoTime() < now.settled() && chance(3)));
      if (isLost) {
        lost.incrementAndGet();
        return null;
      }
      return answer;
    }

    private byte[] execute(WireMessage request, Socket server) throws IOException {
      var number = request.transaction();
      // What the embedded store has no word for.
      var plain = request.with(body -> without(body, "txnNumber", "commitQuorum")).bytes();
      if (number.isEmpty()) {
        return forward(plain, server);
      }
      var execution = executions.computeIfAbsent(number.get(), _ -> new Execution());
      // A repeated write waits for the first, which may be under way on a broken connection.
      synchronized (execution) {
        if (execution.answer == null) {
          execution.answer = forward(plain, server);
        }
        return WireMessage.inAnswerTo(request, execution.answer);
      }
    }

    private static byte[] forward(byte[] message, Socket server) throws IOException {
      server.getOutputStream().write(message);
      return WireMessage.read(new DataInputStream(server.getInputStream())).bytes();
    }

    private static BsonDocument without(BsonDocument body, String... fields) {
      List.of(fields).forEach(body::remove);
      return body;
    }

    private BsonDocument refusal() {
      Map.Entry<Integer, String> why;
      synchronized (ReplicaSet.this) {
        why = REFUSALS.get(random.nextInt(REFUSALS.size()));
      }
      return new BsonDocument("ok", new BsonInt32(0))
          .append("errmsg", new BsonString("not primary"))
          .append("code", new BsonInt32(why.getKey()))
          .append("codeName", new BsonString(why.getValue()))
          .append("errorLabels", new BsonArray(List.of(new BsonString("RetryableWriteError"))));
    }

    private BsonDocument asMember(BsonDocument hello) {
      var now = term;
      var isPrimary = now.isPrimary(number);
      hello.put("maxWireVersion", new BsonInt32(OF_MONGODB_7));
      hello.put("setName", new BsonString(NAME));
      hello.put("setVersion", new BsonInt32(1));
      hello.put("hosts", new BsonArray(hosts()));
      hello.put("me", new BsonString(address()));
      hello.put("ismaster", BsonBoolean.valueOf(isPrimary));
      hello.put("isWritablePrimary", BsonBoolean.valueOf(isPrimary));
      hello.put("secondary", BsonBoolean.valueOf(!isPrimary));
      if (isPrimary) {
        hello.put("primary", new BsonString(address()));
        hello.put("electionId", new BsonObjectId(new ObjectId(now.number(), 0)));
      }
      return hello;
    }

    private List<BsonString> hosts() {
      return IntStream.range(0, MEMBERS)
          .mapToObj(i -> new BsonString(members.get(i).address()))
          .toList();
    }
  }
}
