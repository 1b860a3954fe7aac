package io.capataz.embedded.store;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.exception.MongoServerException;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import io.netty.channel.local.LocalChannel;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All databases of the file, as the library's server sees them. */
final class StoreBackend extends AbstractMongoBackend {

  private static final Logger log = LoggerFactory.getLogger(StoreBackend.class);

  private static final int MINUTES_OF_A_SESSION = 30;

  /** Stands for a connection where there is none. It is never opened. */
  static final Channel THIS_PROCESS = new LocalChannel();

  private final Engine engine;
  private final Catalog catalog;
  private final Optional<ScramLogin> login;

  /**
   * Instead of the library's own map, which would take its locks in the other order than a writer
   * does.
   */
  private final Map<String, StoreDatabase> opened = new ConcurrentHashMap<>();

  StoreBackend(Engine engine, Clock clock, Optional<ScramLogin> login) {
    super(clock);
    this.engine = engine;
    this.login = login;
    this.catalog = new Catalog(engine);
    engine.whenTablesAreLost(this::forgetDatabases);
    version(ServerVersion.MONGO_5_0);
    catalog.databases().forEach(this::resolveDatabase);
  }

  @Override
  public Document handleMessage(MongoMessage message) {
    return answer(message.getChannel(), message.getDocument());
  }

  /** Runs a command of this process, which is trusted. */
  Document answerHere(Document command) {
    return answer(THIS_PROCESS, command);
  }

  private Document answer(Channel channel, Document command) {
    String database = String.valueOf(command.get("$db"));
    try {
      Refusals.check(command);
      return Objects.requireNonNull(
          handleCommand(channel, database, command.keySet().iterator().next(), command),
          "every command of a driver has an answer");
    } catch (MongoServerException e) {
      // Answered here, because the library would log the whole command, and with it what users keep
      // secret.
      log.atDebug().addKeyValue("database", database).setCause(e).log("refused a command");
      return failed(e);
    } catch (StoreFailure e) {
      // An outage has been reported by the engine, once; every command meets it.
      (e.kind().isOutage() ? log.atDebug() : log.atError())
          .addKeyValue("database", database)
          .setCause(e)
          .log("could not run a command");
      return failed(
          new MongoServerError(
              e.kind().code(), e.kind().codeName(), String.valueOf(e.getMessage())));
    }
  }

  private void forgetDatabases() {
    opened.values().forEach(StoreDatabase::outdate);
    opened.clear();
  }

  private static Document failed(MongoServerException e) {
    Document response = new Document("ok", 0.0).append("errmsg", e.getMessageWithoutErrorCode());
    if (e instanceof MongoServerError error) {
      response.append("code", error.getCode());
      response.putIfNotNull("codeName", error.getCodeName());
    }
    return response;
  }

  @Override
  public @Nullable Document handleCommand(
      Channel channel, String databaseName, String command, Document query) {
    if (command.equalsIgnoreCase("hello") || command.equalsIgnoreCase("isMaster")) {
      return hello(channel, databaseName, query);
    }
    if (login.isPresent()) {
      switch (command.toLowerCase(Locale.ROOT)) {
        case "saslstart" -> {
          return login.get().start(channel, query);
        }
        case "saslcontinue" -> {
          return login.get().proceed(channel, query);
        }
        default -> {
          // Not about the login.
        }
      }
    }
    return super.handleCommand(channel, databaseName, command, query);
  }

  private Document hello(Channel channel, String databaseName, Document query) {
    Document hello = super.handleCommand(channel, databaseName, "isMaster", query);
    hello.put("helloOk", true);
    hello.put("isWritablePrimary", true);
    hello.put("readOnly", false);
    // A session costs us nothing; what would need one, a transaction, is refused by name.
    hello.put("logicalSessionTimeoutMinutes", MINUTES_OF_A_SESSION);
    if (login.isPresent() && query.containsKey("saslSupportedMechs")) {
      hello.put("saslSupportedMechs", List.of(ScramLogin.MECHANISM));
    }
    return hello;
  }

  @Override
  public StoreDatabase resolveDatabase(String databaseName) {
    StoreDatabase known = opened.get(databaseName);
    return known != null
        ? known
        : engine.write(() -> opened.computeIfAbsent(databaseName, this::openDatabase));
  }

  private StoreDatabase openDatabase(String databaseName) {
    return new StoreDatabase(databaseName, getCursorRegistry(), engine, catalog);
  }

  @Override
  protected MongoDatabase openOrCreateDatabase(String databaseName) {
    return resolveDatabase(databaseName);
  }

  @Override
  protected Set<String> listDatabaseNames() {
    return opened.values().stream()
        .filter(database -> !database.isEmpty())
        .map(StoreDatabase::getDatabaseName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public void dropDatabase(String databaseName) {
    engine.write(
        () -> {
          resolveDatabase(databaseName).drop(oplog);
          return true;
        });
  }

  @Override
  public void handleClose(Channel channel) {
    opened.values().forEach(database -> database.handleClose(channel));
  }

  @Override
  public void close() {
    opened.clear();
  }

  List<StoreCollection> storedCollections() {
    List<StoreCollection> stored = new ArrayList<>();
    opened.values().forEach(database -> stored.addAll(database.storedCollections()));
    return stored;
  }
}
