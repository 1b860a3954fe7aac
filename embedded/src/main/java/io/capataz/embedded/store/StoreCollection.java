package io.capataz.embedded.store;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractMongoCollection;
import de.bwaldvogel.mongo.backend.ArrayFilters;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import de.bwaldvogel.mongo.exception.IndexBuildFailedException;
import de.bwaldvogel.mongo.exception.InvalidIdFieldError;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import de.bwaldvogel.mongo.wire.BsonConstants;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.capataz.embedded.store.Catalog.CollectionTable;
import io.capataz.embedded.store.IndexShape.Keys;
import io.capataz.embedded.store.Scan.Found;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A collection in the engine. The library brings the meaning of queries and updates; this class
 * finds the candidates and writes a document and its index entries in one transaction.
 *
 * <p>Everything that changes runs within {@link Engine#write}, which is what makes find-and-modify
 * one step.
 */
final class StoreCollection extends AbstractMongoCollection<Long> {

  private static final int DELETIONS_AT_ONCE = 500;

  private final Engine engine;
  private final Catalog catalog;
  private final CollectionTable table;
  private final String insert;
  private final String update;
  private final String delete;

  /**
   * What queries are planned with: replaced as a whole, because readers plan while an index is
   * added.
   */
  private volatile List<StoreIndex> planned = List.of();

  /** Meant for the thread that writes, and for no reader beside it. */
  private boolean firstMatchIsEnough;

  private long nextPosition;
  private long count = -1;
  private long countIsOf = -1;

  StoreCollection(
      Engine engine,
      Catalog catalog,
      CollectionTable table,
      MongoDatabase database,
      String name,
      CollectionOptions options,
      CursorRegistry cursors) {
    super(database, name, options, cursors);
    this.engine = engine;
    this.catalog = catalog;
    this.table = table;
    this.insert = "INSERT INTO %s(rid, body) VALUES(?, ?)".formatted(table.name());
    this.update = "UPDATE %s SET body = ? WHERE rid = ?".formatted(table.name());
    this.delete = "DELETE FROM %s WHERE rid = ?".formatted(table.name());
    this.nextPosition =
        engine.read(session -> session.number("SELECT max(rid) FROM " + table.name()).orElse(0))
            + 1;
  }

  // ---- finding

  @Override
  protected QueryResult queryDocuments(
      Document query,
      @Nullable Document orderBy,
      int numberToSkip,
      int limit,
      int batchSize,
      @Nullable Document fieldSelector) {
    int enough = engine.isWriting() && firstMatchIsEnough ? 1 : limit;
    Answer answer = answer(query, orderBy, numberToSkip, enough);
    UnaryOperator<Document> projection = projection(fieldSelector);
    if (batchSize > 0) {
      StoreCursor cursor =
          new StoreCursor(cursorRegistry.generateCursorId(), engine, answer, projection);
      List<Document> firstBatch = cursor.takeDocuments(batchSize);
      if (cursor.isEmpty()) {
        return new QueryResult(firstBatch);
      }
      cursorRegistry.add(cursor);
      return new QueryResult(firstBatch, cursor);
    }
    List<Document> all = new ArrayList<>();
    forEach(answer, found -> all.add(projection.apply(found.document())));
    return new QueryResult(all);
  }

  Answer answer(Document query, @Nullable Document orderBy, int skip, int limit) {
    Plan plan = Planner.plan(planned, query, orderBy);
    return new Answer(new Scan(engine, table, plan), query, plan.sorted(), orderBy, skip, limit);
  }

  Plan plan(Document query, @Nullable Document orderBy) {
    return Planner.plan(planned, query, orderBy);
  }

  private void forEach(Answer answer, Consumer<Found> action) {
    engine.read(
        session -> {
          answer.resume(session);
          try {
            for (Found found = answer.next(); found != null; found = answer.next()) {
              action.accept(found);
            }
            return true;
          } finally {
            answer.suspend();
          }
        });
  }

  private UnaryOperator<Document> projection(@Nullable Document fieldSelector) {
    if (fieldSelector == null || fieldSelector.isEmpty()) {
      return UnaryOperator.identity();
    }
    // The library's projection is reached only through its own answer to a query.
    return document ->
        super.matchDocumentsFromStream(
                new Document(), Stream.of(document), 0, 0, 0, null, fieldSelector)
            .iterator()
            .next();
  }

  @Override
  protected QueryResult matchDocuments(
      Document query,
      Document orderBy,
      int numberToSkip,
      int numberToReturn,
      int batchSize,
      Document fieldSelector) {
    return queryDocuments(query, orderBy, numberToSkip, numberToReturn, batchSize, fieldSelector);
  }

  /** Makes a cursor over documents that are already here, such as the result of an aggregation. */
  QueryResult inBatches(List<Document> documents, int batchSize) {
    if (documents.size() <= batchSize) {
      return new QueryResult(documents);
    }
    ListCursor cursor = new ListCursor(cursorRegistry.generateCursorId(), List.copyOf(documents));
    List<Document> firstBatch = cursor.takeDocuments(batchSize);
    cursorRegistry.add(cursor);
    return new QueryResult(firstBatch, cursor);
  }

  @Override
  protected Stream<DocumentWithPosition<Long>> streamAllDocumentsWithPosition() {
    List<DocumentWithPosition<Long>> all = new ArrayList<>();
    forEach(
        answer(new Document(), null, 0, 0),
        found -> all.add(new DocumentWithPosition<>(found.document(), found.position())));
    return all.stream();
  }

  @Override
  protected Document getDocument(Long position) {
    throw new UnsupportedOperationException("documents are read by scans");
  }

  /** Where a document of this collection lies. */
  long position(Document document) {
    for (StoreIndex index : planned) {
      Long position = index.getPosition(document);
      if (position != null) {
        return position;
      }
    }
    Long position = findDocumentPosition(document);
    if (position == null) {
      throw new StoreFailure(
          StoreFailure.Kind.INTERNAL,
          "A document of %s that was just read is not there any more. Run a consistency check."
              .formatted(getFullName()));
    }
    return position;
  }

  // ---- counting

  @Override
  public int count() {
    return engine.write(
        () -> {
          if (count < 0 || countIsOf != engine.rollbacks()) {
            String smallest = planned.isEmpty() ? table.name() : planned.getFirst().table();
            count = engine.writer().number("SELECT count(*) FROM " + smallest).orElse(0);
            countIsOf = engine.rollbacks();
          }
          return Math.toIntExact(count);
        });
  }

  @Override
  public boolean isEmpty() {
    return engine
        .read(session -> session.number("SELECT 1 FROM %s LIMIT 1".formatted(table.name())))
        .isEmpty();
  }

  private void countChanged(int by) {
    if (count >= 0) {
      count += by;
    }
  }

  // ---- changing

  @Override
  public void addDocument(Document document) {
    Object id = document.get("_id");
    if (id instanceof Collection || id instanceof BsonRegularExpression) {
      throw new InvalidIdFieldError(
          "The '_id' value cannot be of type " + (id instanceof Collection ? "array" : "regex"));
    }
    if (!document.containsKey("_id") && !getCollectionName().startsWith("system.")) {
      document.put("_id", new ObjectId());
    }
    byte[] body = encode(document);
    List<StoreIndex> indexes = planned;
    List<Keys> keys = indexes.stream().map(index -> index.shape().keysOf(document)).toList();
    for (int i = 0; i < indexes.size(); i++) {
      indexes.get(i).checkUnique(document, keys.get(i), -1, this);
    }
    long position = nextPosition++;
    engine.change(
        () -> {
          engine.writer().change(insert, position, body);
          for (int i = 0; i < indexes.size(); i++) {
            indexes.get(i).insert(keys.get(i), position);
          }
          countChanged(1);
        });
  }

  @Override
  protected void handleUpdate(Long position, Document oldDocument, Document newDocument) {
    byte[] body = encode(newDocument);
    engine.change(
        () -> {
          engine.writer().change(update, body, position);
          for (StoreIndex index : planned) {
            index.replace(
                index.shape().keysOf(oldDocument), index.shape().keysOf(newDocument), position);
          }
        });
  }

  @Override
  public void removeDocument(Document document) {
    remove(position(document), document);
  }

  private void remove(long position, Document document) {
    engine.change(
        () -> {
          engine.writer().change(delete, position);
          for (StoreIndex index : planned) {
            index.delete(index.shape().keysOf(document), position);
          }
          countChanged(-1);
        });
  }

  @Override
  public int deleteDocuments(Document selector, int limit, Oplog oplog) {
    Answer answer = answer(selector, null, 0, limit);
    int deleted = 0;
    List<Found> some;
    do {
      some = new ArrayList<>();
      answer.resume(engine.writer());
      try {
        while (some.size() < DELETIONS_AT_ONCE) {
          Found found = answer.next();
          if (found == null) {
            break;
          }
          some.add(found);
        }
      } finally {
        answer.suspend();
      }
      some.forEach(found -> remove(found.position(), found.document()));
      deleted += some.size();
      engine.breathe();
    } while (some.size() == DELETIONS_AT_ONCE);
    return deleted;
  }

  @Override
  public Document updateDocuments(
      Document selector,
      Document updateQuery,
      ArrayFilters arrayFilters,
      boolean isMulti,
      boolean isUpsert,
      Oplog oplog) {
    // The library asks for all matches even when it will take the first one only.
    firstMatchIsEnough = !isMulti;
    try {
      return super.updateDocuments(selector, updateQuery, arrayFilters, isMulti, isUpsert, oplog);
    } finally {
      firstMatchIsEnough = false;
    }
  }

  private static byte[] encode(Document document) {
    ByteBuf buffer = Unpooled.buffer(512);
    BsonEncoder.encodeDocument(document, buffer);
    if (buffer.readableBytes() > BsonConstants.MAX_BSON_OBJECT_SIZE) {
      throw new MongoServerError(
          10334,
          "BSONObjectTooLarge",
          "a document of %d bytes is larger than the allowed %d; split it or keep the large part elsewhere"
              .formatted(buffer.readableBytes(), BsonConstants.MAX_BSON_OBJECT_SIZE));
    }
    return ByteBufUtil.getBytes(buffer);
  }

  @Override
  protected Long addDocumentInternal(Document document) {
    throw new UnsupportedOperationException("addDocument does all of it");
  }

  @Override
  protected void removeDocument(Long position) {
    throw new UnsupportedOperationException(
        "a document is removed together with its index entries");
  }

  // ---- indexes

  @Override
  public void addIndex(Index<Long> index) {
    StoreIndex added = (StoreIndex) index;
    if (added.isNew()) {
      boolean done = false;
      try {
        refuseSecondIndexOnSameFields(added);
        fill(added);
        done = true;
      } catch (MongoServerError e) {
        throw new IndexBuildFailedException(e, this);
      } finally {
        if (!done) {
          added.drop();
        }
      }
    }
    super.addIndex(added);
    plannedFromIndexes();
  }

  private void refuseSecondIndexOnSameFields(StoreIndex added) {
    for (StoreIndex known : planned) {
      if (known.shape().fields().equals(added.shape().fields())) {
        throw new MongoServerError(
            85,
            "IndexOptionsConflict",
            "index %s of %s has the same fields as %s; drop that one first"
                .formatted(known.getName(), getFullName(), added.getName()));
      }
    }
  }

  private void fill(StoreIndex added) {
    Answer everything = answer(new Document(), null, 0, 0);
    engine.define(
        session -> {
          everything.resume(session);
          try {
            for (Found found = everything.next(); found != null; found = everything.next()) {
              Keys keys = added.shape().keysOf(found.document());
              added.checkUnique(found.document(), keys, found.position(), this);
              added.insert(keys, found.position());
            }
          } finally {
            everything.suspend();
          }
          return true;
        });
  }

  @Override
  public void dropIndex(String indexName) {
    super.dropIndex(indexName);
    plannedFromIndexes();
  }

  private void plannedFromIndexes() {
    planned = getIndexes().stream().map(StoreIndex.class::cast).toList();
  }

  List<StoreIndex> storedIndexes() {
    return planned;
  }

  CollectionTable table() {
    return table;
  }

  OptionalLong documentsStored(Session session) {
    return session.number("SELECT count(*) FROM " + table.name());
  }

  @Override
  public void drop() {
    super.drop();
    catalog.dropCollection(table);
  }

  // ---- sizes

  @Override
  protected boolean tracksDataSize() {
    return false;
  }

  @Override
  protected void updateDataSize(int sizeDelta) {
    // Sizes are asked of the engine when somebody wants to know.
  }

  @Override
  protected int getDataSize() {
    long size =
        engine.read(
            session -> session.number("SELECT sum(length(body)) FROM " + table.name()).orElse(0));
    return (int) Math.min(Integer.MAX_VALUE, size);
  }
}
