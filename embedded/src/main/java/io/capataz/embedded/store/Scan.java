package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import io.capataz.embedded.store.Plan.KeyRange;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Walks the documents a plan names. It reads one entry at a time and can be suspended between two
 * documents, after which it goes on behind the last one it gave: this is how a cursor lives between
 * two requests without holding a connection.
 */
final class Scan {

  /** Some milliseconds of reading. */
  private static final int DOCUMENTS_BETWEEN_RESTS = 256;

  /** A document, where it lies, and how long it is in bytes. */
  record Found(long position, Document document, int size) {}

  private final Engine engine;
  private final Catalog.CollectionTable collection;
  private final Plan plan;
  private final List<Walk> walks = new ArrayList<>();

  /**
   * Walks that have a document ready, the next one to give first. Only used when the plan merges.
   */
  private final PriorityQueue<Walk> heads;

  /** With arrays a document has several keys, and is given once. */
  private final Optional<Set<Long>> given;

  private @Nullable Session session;
  private int current;
  private int sinceRest;

  Scan(Engine engine, Catalog.CollectionTable collection, Plan plan) {
    this.engine = engine;
    this.collection = collection;
    this.plan = plan;
    Comparator<Walk> byRestOfKey =
        (one, other) ->
            Arrays.compareUnsigned(
                one.key, one.fixed, one.key.length, other.key, other.fixed, other.key.length);
    this.heads = new PriorityQueue<>(plan.backward() ? byRestOfKey.reversed() : byRestOfKey);
    this.given = plan.index().filter(StoreIndex::hasArrays).map(_ -> new HashSet<>());
    if (plan.index().isEmpty()) {
      walks.add(new Walk(new KeyRange(new byte[0], new byte[0], 0)));
    } else {
      plan.ranges().forEach(range -> walks.add(new Walk(range)));
      if (plan.backward()) {
        Collections.reverse(walks);
      }
    }
  }

  /** Goes on reading, on this connection. */
  void resume(Session on) {
    session = on;
    if (plan.merged()) {
      for (Walk walk : walks) {
        if (walk.advance()) {
          heads.add(walk);
        }
      }
    }
  }

  /**
   * Lets go of the connection; {@link #resume} goes on behind the last document that {@link #next}
   * gave.
   */
  void suspend() {
    heads.clear();
    walks.forEach(Walk::pause);
    session = null;
  }

  /** The next document, or null behind the last one. */
  @Nullable Found next() {
    rest();
    while (true) {
      Walk walk = plan.merged() ? heads.poll() : nextWalkInSequence();
      if (walk == null) {
        return null;
      }
      Found found = walk.take();
      if (plan.merged() && walk.advance()) {
        heads.add(walk);
      }
      if (given.isEmpty() || given.get().add(found.position())) {
        return found;
      }
    }
  }

  /**
   * Lets others have the processor in a long scan: a virtual thread keeps it until it waits for
   * something, and reading is nothing that it waits for.
   */
  private void rest() {
    if (++sinceRest >= DOCUMENTS_BETWEEN_RESTS && Thread.currentThread().isVirtual()) {
      sinceRest = 0;
      LockSupport.parkNanos(1);
    }
  }

  private @Nullable Walk nextWalkInSequence() {
    while (current < walks.size()) {
      Walk walk = walks.get(current);
      if (walk.advance()) {
        return walk;
      }
      current++;
    }
    return null;
  }

  /** One range of the plan, read in order. */
  private final class Walk {
    private final KeyRange range;
    private final int fixed;
    private byte[] key;
    private byte[] lastKey;
    private long lastPosition;
    private boolean started;
    private boolean exhausted;
    private Session.@Nullable Rows rows;
    private @Nullable Found head;

    Walk(KeyRange range) {
      this.range = range;
      this.fixed = range.fixed();
      this.key = range.low();
      this.lastKey = range.low();
    }

    /** Steps to the next entry, and says whether there is one. */
    boolean advance() {
      if (exhausted) {
        return false;
      }
      Session.Rows open = rows == null ? open() : rows;
      rows = open;
      if (!open.next()) {
        exhausted = true;
        open.close();
        rows = null;
        return false;
      }
      engine.countEntryRead();
      long position = open.number(1);
      byte[] body = open.bytes(2);
      if (plan.index().isPresent()) {
        key = open.bytes(3);
      }
      head = new Found(position, BsonDecoder.decodeBson(Unpooled.wrappedBuffer(body)), body.length);
      return true;
    }

    Found take() {
      Found found = head;
      if (found == null) {
        throw new IllegalStateException("advance first");
      }
      head = null;
      started = true;
      lastKey = key;
      lastPosition = found.position();
      return found;
    }

    void pause() {
      if (rows != null) {
        rows.close();
        rows = null;
      }
      if (head != null) {
        // It was read but not given; it is read again.
        head = null;
        exhausted = false;
      }
    }

    private Session.Rows open() {
      Session on = session;
      if (on == null) {
        throw new IllegalStateException("resume first");
      }
      String documents = collection.name();
      if (plan.index().isEmpty()) {
        return plan.backward()
            ? on.query(
                "SELECT rid, body FROM %s WHERE rid < ? ORDER BY rid DESC".formatted(documents),
                started ? lastPosition : Long.MAX_VALUE)
            : on.query(
                "SELECT rid, body FROM %s WHERE rid > ? ORDER BY rid".formatted(documents),
                started ? lastPosition : Long.MIN_VALUE);
      }
      String index = plan.index().get().table();
      String select =
          "SELECT i.rid, d.body, i.k FROM %s AS i CROSS JOIN %s AS d ON d.rid = i.rid "
              .formatted(index, documents);
      return plan.backward()
          ? on.query(
              select + "WHERE i.k >= ? AND (i.k, i.rid) < (?, ?) ORDER BY i.k DESC, i.rid DESC",
              range.low(),
              started ? lastKey : range.high(),
              started ? lastPosition : Long.MIN_VALUE)
          : on.query(
              select + "WHERE (i.k, i.rid) > (?, ?) AND i.k < ? ORDER BY i.k, i.rid",
              started ? lastKey : range.low(),
              started ? lastPosition : Long.MIN_VALUE,
              range.high());
    }
  }
}
