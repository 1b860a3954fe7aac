package io.capataz.embedded.store;

import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import io.capataz.embedded.store.inprocess.InProcessClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A MongoDB-compatible store in one folder and this process. It is used through the same driver as
 * a real MongoDB: by this process with {@link #client}, which needs no connection, and by others
 * over the wire protocol if it listens. It keeps what it acknowledged through any kill.
 *
 * <p>What it does not do, it refuses: transactions, change streams, partial, text, geo, hashed and
 * expiring indexes, updates by pipeline, collations.
 */
public final class EmbeddedStore implements AutoCloseable {

  /** What an acknowledged write survives. A kill of the process it survives in any case. */
  public enum Durability {
    /**
     * A kill of the process. When the whole machine loses power, the last seconds may be lost, but
     * nothing is damaged.
     */
    PROCESS_KILL("NORMAL"),
    /** Also a loss of power: every commit waits for the disk. */
    POWER_LOSS("FULL");

    private final String synchronous;

    Durability(String synchronous) {
      this.synchronous = synchronous;
    }

    String synchronous() {
      return synchronous;
    }
  }

  /** The only user of a store that listens. */
  public static final String USER = ScramLogin.USER;

  private static final Logger log = LoggerFactory.getLogger(EmbeddedStore.class);

  private final Path folder;
  private final FolderLock lock;
  private final Engine engine;
  private final StoreBackend backend;
  private final LocalCommands local;
  private final Optional<WireServer> server;
  private final Optional<Secret> password;
  private boolean closed;

  private EmbeddedStore(
      Path folder,
      FolderLock lock,
      Engine engine,
      StoreBackend backend,
      Optional<WireServer> server,
      Optional<Secret> password) {
    this.password = password;
    this.folder = folder;
    this.lock = lock;
    this.engine = engine;
    this.backend = backend;
    this.local = new LocalCommands(backend::answerHere);
    this.server = server;
  }

  /**
   * Opens the store of a folder, or makes one, for this process alone: it has no port.
   *
   * @throws StartFailure if the folder is in use; the message says by what and what to do
   */
  public static EmbeddedStore open(Path folder, Durability durability, Clock clock) {
    return open(folder, OptionalInt.empty(), durability, clock, Optional.empty());
  }

  /**
   * As the other, and listens without authentication. For tests.
   *
   * @param port where to listen on 127.0.0.1; 0 takes a free port
   * @throws StartFailure also if the port is in use
   */
  public static EmbeddedStore open(Path folder, int port, Durability durability, Clock clock) {
    return open(folder, OptionalInt.of(port), durability, clock, Optional.empty());
  }

  /** As the other, and listens for those only who know the password. */
  public static EmbeddedStore open(
      Path folder, int port, Durability durability, Clock clock, Secret password) {
    return open(folder, OptionalInt.of(port), durability, clock, Optional.of(password));
  }

  private static EmbeddedStore open(
      Path folder,
      OptionalInt port,
      Durability durability,
      Clock clock,
      Optional<Secret> password) {
    FolderLock lock = FolderLock.take(folder);
    Engine engine = null;
    boolean opened = false;
    try {
      NativeLibrary.unpackInto(folder.resolve("native"));
      engine = new Engine(folder.resolve("store.db"), durability);
      StoreBackend backend = new StoreBackend(engine, clock, password.map(ScramLogin::new));
      Optional<WireServer> server =
          port.isPresent()
              ? Optional.of(new WireServer(backend, port.getAsInt(), password.isPresent()))
              : Optional.empty();
      opened = true;
      EmbeddedStore store = new EmbeddedStore(folder, lock, engine, backend, server, password);
      log.atInfo()
          .addKeyValue("folder", folder)
          .addKeyValue("address", server.map(WireServer::address).orElse("this process"))
          .log("embedded store open");
      return store;
    } finally {
      if (!opened) {
        if (engine != null) {
          engine.close();
        }
        lock.close();
      }
    }
  }

  /**
   * A client in this process: commands run on the thread of the caller, who may be a virtual one,
   * and are committed together with those of others as over the network. Anybody in this process is
   * let in.
   *
   * @param settings as for a real MongoDB; what they say of addresses and users means nothing
   */
  public MongoClient client(MongoClientSettings settings) {
    return InProcessClient.of(local, settings);
  }

  /** Where it listens, without what lets anybody in. Only for a store that does. */
  public String address() {
    return server.orElseThrow().address();
  }

  /**
   * The connection string for a MongoDB driver; contains the password if there is one. Only for a
   * store that listens.
   */
  public String connectionString() {
    return connectionString(address(), password);
  }

  /** The connection string for a store at this address. */
  static String connectionString(String address, Optional<Secret> password) {
    return password
        .map(
            secret ->
                "mongodb://%s:%s@%s/?authMechanism=SCRAM-SHA-256"
                    .formatted(
                        ScramLogin.USER,
                        URLEncoder.encode(secret.reveal(), StandardCharsets.UTF_8)
                            .replace("+", "%20"),
                        address))
        .orElse("mongodb://" + address);
  }

  /** Finishes what runs, commits it, and lets go of folder and port. May be called twice. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    server.ifPresent(WireServer::close);
    local.close();
    backend.close();
    try {
      engine.close();
    } finally {
      lock.close();
    }
    log.atInfo().addKeyValue("folder", folder).log("embedded store closed");
  }

  /** Compares all documents with all index entries and says what does not agree; empty is good. */
  List<String> verify() {
    return new ConsistencyCheck(engine).run(backend.storedCollections());
  }

  /** How many entries and documents all queries so far have stepped over. */
  long entriesRead() {
    return engine.entriesRead();
  }

  long commits() {
    return engine.commits();
  }

  /** Lets the file grow to so many bytes and no further, as a full disk would. */
  void limitFile(long bytes) {
    engine.limitFile(bytes);
  }

  /** Has the open connection refuse what changes anything, as a read-only disk would. */
  void refuseWritesOfThisConnection() {
    engine.write(
        () -> {
          engine.writer().define("PRAGMA query_only=1");
          return true;
        });
  }
}
