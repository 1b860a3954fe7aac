package io.capataz.embedded.store;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.IndexNotFoundException;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.capataz.embedded.store.Scan.Found;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A database: decides which commands change something, and corrects the library where it would scan
 * or guess.
 */
final class StoreDatabase extends AbstractSynchronizedMongoDatabase<Long> {

  private static final Set<String> CHANGES =
      Set.of(
          "insert",
          "update",
          "delete",
          "findandmodify",
          "create",
          "createindexes",
          "drop",
          "dropindexes");

  private final Engine engine;
  private final Catalog catalog;
  private volatile boolean outdated;

  StoreDatabase(String name, CursorRegistry cursors, Engine engine, Catalog catalog) {
    super(name, cursors);
    this.engine = engine;
    this.catalog = catalog;
    initializeNamespacesAndIndexes();
  }

  @Override
  public @Nullable Document handleCommand(
      Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
    String name = command.toLowerCase(Locale.ROOT);
    refuseIfOutdated();
    if (CHANGES.contains(name)) {
      return engine.write(
          () -> {
            refuseIfOutdated();
            return change(channel, command, query, databases, oplog);
          });
    }
    return switch (name) {
      case "find" -> {
        limitFirstBatch(query);
        yield super.handleCommand(channel, command, query, databases, oplog);
      }
      case "aggregate" -> aggregate(command, query, databases, oplog);
      default -> super.handleCommand(channel, command, query, databases, oplog);
    };
  }

  /** The library keeps what each connection did last, for clients of long ago. */
  @Override
  protected synchronized void clearLastStatus(Channel channel) {
    if (!channel.equals(StoreBackend.THIS_PROCESS)) {
      super.clearLastStatus(channel);
    }
  }

  @Override
  protected synchronized void putLastResult(Channel channel, Document result) {
    if (!channel.equals(StoreBackend.THIS_PROCESS)) {
      super.putLastResult(channel, result);
    }
  }

  private @Nullable Document change(
      Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
    if (command.equalsIgnoreCase("dropIndexes")) {
      return dropIndexes(query);
    }
    if (command.equalsIgnoreCase("update")
        && query.get("updates") instanceof List<?> several
        && several.size() > 1
        && isOrdered(query)) {
      return updateInOrder(channel, command, query, several, databases, oplog);
    }
    Document response = super.handleCommand(channel, command, query, databases, oplog);
    if (command.equalsIgnoreCase("insert") && response != null) {
      countInsertsWithoutErrors(query, response);
    }
    return response;
  }

  /** What is known here of collections and indexes is no longer true; another is opened. */
  void outdate() {
    outdated = true;
  }

  private void refuseIfOutdated() {
    if (outdated) {
      throw new StoreFailure(
          StoreFailure.Kind.UNDONE,
          "Collections of database %s changed back while this command waited. Try again."
              .formatted(getDatabaseName()));
    }
  }

  /** Without a size the library would put everything that matches into one reply. */
  private static void limitFirstBatch(Document query) {
    if (Utils.isTrue(query.get("singleBatch"))
        && query.get("batchSize") instanceof Number batch
        && batch.intValue() > 0) {
      int limit = query.get("limit") instanceof Number asked ? asked.intValue() : 0;
      query.put("limit", limit > 0 ? Math.min(limit, batch.intValue()) : batch.intValue());
    }
    query.putIfAbsent("batchSize", StoreCursor.DOCUMENTS_IN_FIRST_BATCH);
  }

  /** The library counts the documents that were sent. */
  private static void countInsertsWithoutErrors(Document query, Document response) {
    if (query.get("documents") instanceof Collection<?> sent
        && response.get("writeErrors") instanceof List<?> errors
        && errors.getFirst() instanceof Document first) {
      Object stoppedAt = first.get("index");
      response.put(
          "n", isOrdered(query) && stoppedAt != null ? stoppedAt : sent.size() - errors.size());
    }
  }

  private static boolean isOrdered(Document query) {
    return Utils.isTrue(query.getOrDefault("ordered", true));
  }

  /** One statement at a time, up to the first error; the library would go on behind it. */
  private Document updateInOrder(
      Channel channel,
      String command,
      Document query,
      List<?> statements,
      DatabaseResolver databases,
      Oplog oplog) {
    int matched = 0;
    int modified = 0;
    List<Document> upserted = new ArrayList<>();
    List<Document> errors = new ArrayList<>();
    for (int i = 0; i < statements.size() && errors.isEmpty(); i++) {
      Document single = query.clone();
      single.put("updates", List.of(statements.get(i)));
      Document answer = super.handleCommand(channel, command, single, databases, oplog);
      matched += ((Number) answer.getOrDefault("n", 0)).intValue();
      modified += ((Number) answer.getOrDefault("nModified", 0)).intValue();
      addWithIndex(upserted, answer.get("upserted"), i);
      addWithIndex(errors, answer.get("writeErrors"), i);
    }
    Document response = new Document("n", matched).append("nModified", modified);
    if (!upserted.isEmpty()) {
      response.put("upserted", upserted);
    }
    if (!errors.isEmpty()) {
      response.put("writeErrors", errors);
    }
    Utils.markOkay(response);
    return response;
  }

  private static void addWithIndex(List<Document> to, @Nullable Object found, int index) {
    if (found instanceof Collection<?> several) {
      for (Object each : several) {
        to.add(((Document) each).clone().append("index", index));
      }
    }
  }

  /** The library would also forget the indexes of the same name that other collections have. */
  private Document dropIndexes(Document query) {
    Document response = new Document();
    if (resolveCollection(String.valueOf(query.get("dropIndexes")), false)
        instanceof StoreCollection collection) {
      for (String name : indexesToDrop(collection, query.get("index"))) {
        collection.dropIndex(name);
        indexes
            .get()
            .deleteDocuments(new Document("ns", collection.getFullName()).append("name", name), 0);
      }
    }
    Utils.markOkay(response);
    return response;
  }

  private static List<String> indexesToDrop(StoreCollection collection, @Nullable Object which) {
    List<String> names = new ArrayList<>();
    for (StoreIndex index : collection.storedIndexes()) {
      boolean wanted =
          switch (which) {
            case String name when name.equals("*") -> !index.getName().equals("_id_");
            case String name -> index.getName().equals(name);
            case Document keys ->
                new Document(index.toIndexDescription()).get("key") instanceof Document own
                    && sameKeys(own, keys);
            case Collection<?> several -> several.contains(index.getName());
            case null, default -> false;
          };
      if (wanted) {
        names.add(index.getName());
      }
    }
    if (names.isEmpty() && !"*".equals(which)) {
      throw new IndexNotFoundException("index not found with name [" + which + "]");
    }
    return names;
  }

  private static boolean sameKeys(Document own, Document asked) {
    return List.copyOf(own.keySet()).equals(List.copyOf(asked.keySet()))
        && own.keySet().stream()
            .allMatch(
                path ->
                    own.get(path) instanceof Number one
                        && asked.get(path) instanceof Number other
                        && one.intValue() == other.intValue());
  }

  /**
   * Lets the stages at the head of the pipeline choose the candidates, instead of reading the whole
   * collection.
   */
  private Document aggregate(
      String command, Document query, DatabaseResolver databases, Oplog oplog) {
    String collectionName = String.valueOf(query.get(command));
    List<Document> pipeline = Aggregation.parse(query.get("pipeline"));
    PipelineHead head = PipelineHead.of(pipeline);
    int batchSize =
        query.get("cursor") instanceof Document cursor
                && cursor.get("batchSize") instanceof Number size
                && size.intValue() > 0
            ? size.intValue()
            : StoreCursor.DOCUMENTS_IN_FIRST_BATCH;
    MongoCollection<Long> resolved = resolveCollection(collectionName, false);
    Aggregation rest = Aggregation.fromPipeline(head.rest(), databases, this, resolved, oplog);
    rest.validate(query);
    QueryResult result =
        resolved instanceof StoreCollection collection
            ? collection.inBatches(run(collection, head, rest), batchSize)
            : new QueryResult(List.of());
    Document cursor = new Document("id", result.getCursorId());
    cursor.append("ns", getFullCollectionNamespace(collectionName));
    cursor.append("firstBatch", List.copyOf(result.collectDocuments()));
    Document response = new Document("cursor", cursor);
    Utils.markOkay(response);
    return response;
  }

  private List<Document> run(StoreCollection collection, PipelineHead head, Aggregation rest) {
    Answer answer = collection.answer(head.match(), head.sort(), head.skip(), head.limit());
    return engine.read(
        session -> {
          answer.resume(session);
          try {
            return rest.runStagesAsStream(documents(answer)).toList();
          } finally {
            answer.suspend();
          }
        });
  }

  private static Stream<Document> documents(Answer answer) {
    Iterator<Document> iterator =
        new Iterator<>() {
          private @Nullable Found next = answer.next();

          @Override
          public boolean hasNext() {
            return next != null;
          }

          @Override
          public Document next() {
            Found found = next;
            if (found == null) {
              throw new NoSuchElementException();
            }
            next = answer.next();
            return found.document();
          }
        };
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(iterator, Spliterator.ORDERED), false);
  }

  @Override
  protected StoreCollection openOrCreateCollection(
      String collectionName, CollectionOptions options) {
    return new StoreCollection(
        engine,
        catalog,
        catalog.openOrCreateCollection(databaseName, collectionName),
        this,
        collectionName,
        options,
        cursorRegistry);
  }

  @Override
  protected Index<Long> openOrCreateUniqueIndex(
      String collectionName, String indexName, List<IndexKey> keys, boolean sparse) {
    return openOrCreateIndex(collectionName, indexName, keys, true, sparse);
  }

  @Override
  protected Index<Long> openOrCreateSecondaryIndex(
      String collectionName, String indexName, List<IndexKey> keys, boolean sparse) {
    return openOrCreateIndex(collectionName, indexName, keys, false, sparse);
  }

  private StoreIndex openOrCreateIndex(
      String collectionName,
      String indexName,
      List<IndexKey> keys,
      boolean unique,
      boolean sparse) {
    IndexShape shape = IndexShape.of(keys, unique, sparse);
    Catalog.CollectionTable collection =
        catalog.openOrCreateCollection(databaseName, collectionName);
    return new StoreIndex(
        engine, catalog, catalog.openOrCreateIndex(collection, indexName), indexName, keys, shape);
  }

  /** The collections that hold documents of users. */
  List<StoreCollection> storedCollections() {
    List<StoreCollection> stored = new ArrayList<>();
    if (resolveCollection("system.namespaces", false) instanceof StoreCollection namespaces) {
      for (Document namespace : namespaces.queryAll()) {
        String name = String.valueOf(namespace.get("name")).substring(databaseName.length() + 1);
        if (resolveCollection(name, false) instanceof StoreCollection collection) {
          stored.add(collection);
        }
      }
    }
    return stored;
  }

  /**
   * Drops the collections and keeps the library's own two, which are empty then; it would ask them
   * once more.
   */
  @Override
  public void drop(Oplog oplog) {
    storedCollections()
        .forEach(collection -> dropCollection(collection.getCollectionName(), oplog));
  }

  @Override
  public boolean isEmpty() {
    return storedCollections().isEmpty();
  }

  @Override
  protected long getFileSize() {
    return engine.read(
        session ->
            session.number("PRAGMA page_count").orElse(0)
                * session.number("PRAGMA page_size").orElse(0));
  }

  @Override
  protected long getStorageSize() {
    return getFileSize();
  }
}
