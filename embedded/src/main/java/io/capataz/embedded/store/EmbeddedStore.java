package io.capataz.embedded.store;

import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A MongoDB-compatible store in one folder and this process. It speaks the wire protocol on the
 * loopback address, so that everything else uses it through the same driver as a real MongoDB, and
 * keeps what it acknowledged through any kill.
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

  private static final Logger log = LoggerFactory.getLogger(EmbeddedStore.class);

  private final Path folder;
  private final FolderLock lock;
  private final Engine engine;
  private final StoreBackend backend;
  private final WireServer server;
  private final Optional<Secret> password;
  private boolean closed;

  private EmbeddedStore(
      Path folder,
      FolderLock lock,
      Engine engine,
      StoreBackend backend,
      WireServer server,
      Optional<Secret> password) {
    this.password = password;
    this.folder = folder;
    this.lock = lock;
    this.engine = engine;
    this.backend = backend;
    this.server = server;
  }

  /**
   * Opens the store of a folder, or makes one, and listens without authentication. For tests.
   *
   * @param port where to listen on 127.0.0.1; 0 takes a free port
   * @throws StartFailure if the folder or the port is in use; the message says which and what to do
   */
  public static EmbeddedStore open(Path folder, int port, Durability durability, Clock clock) {
    return open(folder, port, durability, clock, Optional.empty());
  }

  /** As the other, for those only who know the password. */
  public static EmbeddedStore open(
      Path folder, int port, Durability durability, Clock clock, Secret password) {
    return open(folder, port, durability, clock, Optional.of(password));
  }

  private static EmbeddedStore open(
      Path folder, int port, Durability durability, Clock clock, Optional<Secret> password) {
    FolderLock lock = FolderLock.take(folder);
    Engine engine = null;
    boolean opened = false;
    try {
      NativeLibrary.unpackInto(folder.resolve("native"));
      engine = new Engine(folder.resolve("store.db"), durability);
      StoreBackend backend = new StoreBackend(engine, clock, password.map(ScramLogin::new));
      WireServer server = new WireServer(backend, port, password.isPresent());
      opened = true;
      EmbeddedStore store = new EmbeddedStore(folder, lock, engine, backend, server, password);
      log.atInfo()
          .addKeyValue("folder", folder)
          .addKeyValue("address", store.address())
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

  /** Where it listens, without what lets anybody in. */
  public String address() {
    return "127.0.0.1:" + server.port();
  }

  /** The connection string for a MongoDB driver; contains the password if there is one. */
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
    server.close();
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
