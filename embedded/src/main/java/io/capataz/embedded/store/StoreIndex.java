package io.capataz.embedded.store;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import io.capataz.embedded.store.IndexShape.Keys;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An index in the engine: one entry per key and document, in key order.
 *
 * <p>The library asks an index whether a change is allowed and tells it to make the change; which
 * candidates a query has it never asks, because {@link StoreCollection} plans queries itself.
 */
final class StoreIndex extends Index<Long> {

  private final Engine engine;
  private final Catalog catalog;
  private final Catalog.IndexTable table;
  private final IndexShape shape;
  private final String insert;
  private final String delete;
  private final String holders;
  private volatile int arrayFields;

  /** The rollbacks before {@link #arrayFields} was written. Only for the thread that writes. */
  private long notedAfter;

  StoreIndex(
      Engine engine,
      Catalog catalog,
      Catalog.IndexTable table,
      String name,
      List<IndexKey> keys,
      IndexShape shape) {
    super(name, keys, shape.sparse());
    this.engine = engine;
    this.catalog = catalog;
    this.table = table;
    this.shape = shape;
    this.arrayFields = table.arrayFields();
    this.insert = "INSERT INTO %s(k, rid) VALUES(?, ?)".formatted(table.name());
    this.delete = "DELETE FROM %s WHERE k = ? AND rid = ?".formatted(table.name());
    this.holders = "SELECT rid FROM %s WHERE k = ? AND rid <> ? LIMIT 1".formatted(table.name());
  }

  IndexShape shape() {
    return shape;
  }

  String table() {
    return table.name();
  }

  boolean isNew() {
    return table.isNew();
  }

  /** Whether some document has, or had, an array on the path of this field. */
  boolean isArray(int position) {
    return (arrayFields & 1 << position) != 0;
  }

  boolean hasArrays() {
    return arrayFields != 0;
  }

  /** The document that has this key, if the key has exactly one holder; meant for {@code _id}. */
  OptionalLong holder(Session session, byte[] key) {
    return session.number(holders, key, -1L);
  }

  /** Refuses a document whose keys another one has. */
  void checkUnique(Document document, Keys keys, long position, MongoCollection<Long> collection) {
    if (!shape.unique()) {
      return;
    }
    for (byte[] key : keys.keys()) {
      if (engine.writer().number(holders, key, position).isPresent()) {
        List<@Nullable Object> values =
            getKeys().stream()
                .<@Nullable Object>map(indexKey -> valueOf(document, indexKey.getKey()))
                .toList();
        throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(values.toArray()));
      }
    }
  }

  private static @Nullable Object valueOf(Document document, String path) {
    Object value = Utils.getSubdocumentValueCollectionAware(document, path);
    return value instanceof Missing ? null : value;
  }

  /** Writes the keys of a new document. */
  void insert(Keys keys, long position) {
    noteArrays(keys);
    Session writer = engine.writer();
    for (byte[] key : keys.keys()) {
      writer.change(insert, key, position);
    }
  }

  /** Replaces the keys of a document, touching only those that differ. */
  void replace(Keys before, Keys after, long position) {
    if (before.sameAs(after)) {
      return;
    }
    noteArrays(after);
    Session writer = engine.writer();
    for (byte[] key : before.keys()) {
      if (!after.contains(key)) {
        remove(writer, key, position);
      }
    }
    for (byte[] key : after.keys()) {
      if (!before.contains(key)) {
        writer.change(insert, key, position);
      }
    }
  }

  void delete(Keys keys, long position) {
    Session writer = engine.writer();
    for (byte[] key : keys.keys()) {
      remove(writer, key, position);
    }
  }

  private void remove(Session writer, byte[] key, long position) {
    int removed = writer.change(delete, key, position);
    if (removed != 1) {
      throw new StoreFailure(
          StoreFailure.Kind.INTERNAL,
          "Index %s (%s) has %d entries for a key of document %d that it must have once. Restore the data from a backup, or drop and create the index."
              .formatted(getName(), table.name(), removed, position));
    }
  }

  private void noteArrays(Keys keys) {
    int seen = arrayFields | keys.arrayFields();
    // After a rollback it may be known here and no longer in the file, where the next start reads
    // it.
    boolean mayBeLost = keys.arrayFields() != 0 && notedAfter != engine.rollbacks();
    if (seen != arrayFields || mayBeLost) {
      // Set before it is committed: to believe in arrays that are not there only costs time.
      arrayFields = seen;
      catalog.noteArrays(table, seen);
      notedAfter = engine.rollbacks();
    }
  }

  @Override
  public boolean isUnique() {
    return shape.unique();
  }

  @Override
  public boolean hasSameOptions(Index<?> other) {
    return other instanceof StoreIndex index && index.shape.equals(shape);
  }

  @Override
  public @Nullable Long getPosition(Document document) {
    // Any one index that knows the position is enough for the library, and _id always does.
    if (!getName().equals("_id_")) {
      return null;
    }
    OptionalLong holder = holder(engine.writer(), shape.keysOf(document).keys().getFirst());
    return holder.isPresent() ? holder.getAsLong() : null;
  }

  @Override
  public void checkUpdate(
      Document oldDocument, Document newDocument, MongoCollection<Long> collection) {
    Keys before = shape.keysOf(oldDocument);
    Keys after = shape.keysOf(newDocument);
    if (shape.unique() && !before.sameAs(after)) {
      long position = ((StoreCollection) collection).position(oldDocument);
      checkUnique(newDocument, after, position, collection);
    }
  }

  @Override
  public void updateInPlace(
      Document oldDocument, Document newDocument, Long position, MongoCollection<Long> collection) {
    // StoreCollection.handleUpdate changes the document and all its entries together.
  }

  @Override
  public void checkAdd(Document document, MongoCollection<Long> collection) {
    throw notTheWay();
  }

  @Override
  public void add(Document document, Long position, MongoCollection<Long> collection) {
    throw notTheWay();
  }

  @Override
  public Long remove(Document document) {
    throw notTheWay();
  }

  @Override
  public boolean canHandle(Document query) {
    return false;
  }

  @Override
  public Iterable<Long> getPositions(Document query) {
    throw notTheWay();
  }

  private static UnsupportedOperationException notTheWay() {
    return new UnsupportedOperationException(
        "StoreCollection adds, removes and finds documents itself");
  }

  @Override
  public long getCount() {
    return engine.read(session -> session.number("SELECT count(*) FROM " + table.name()).orElse(0));
  }

  @Override
  public boolean isEmpty() {
    // The collection fills a new index before it registers it.
    return false;
  }

  @Override
  public long getDataSize() {
    return engine.read(
        session -> session.number("SELECT sum(length(k)) FROM " + table.name()).orElse(0));
  }

  @Override
  public void drop() {
    catalog.dropIndex(table);
  }
}
