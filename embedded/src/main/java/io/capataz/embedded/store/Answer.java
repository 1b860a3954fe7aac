package io.capataz.embedded.store;

import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.backend.QueryMatcher;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.ErrorCode;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.capataz.embedded.store.IndexShape.Field;
import io.capataz.embedded.store.Scan.Found;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The documents that match a query, in order, skipped and limited: a scan, filtered by the
 * library's matcher. It sorts in memory only where the scan is not in the wanted order, and then
 * keeps no more than was asked for.
 */
final class Answer {

  private final Scan scan;
  private final Document query;
  private final boolean sorted;
  private final @Nullable Document orderBy;
  private final int skip;
  private final int limit;

  // A matcher remembers where it matched, so no two threads may share one.
  private final QueryMatcher matcher = new DefaultQueryMatcher();

  private final Deque<Found> inOrder = new ArrayDeque<>();
  private boolean collected;
  private long taken;

  /** A limit of 0 or less is none. */
  Answer(
      Scan scan, Document query, boolean sorted, @Nullable Document orderBy, int skip, int limit) {
    this.scan = scan;
    this.query = query;
    this.sorted = sorted;
    this.orderBy = orderBy;
    this.skip = Math.max(0, skip);
    this.limit = Math.max(0, limit);
  }

  void resume(Session session) {
    scan.resume(session);
  }

  void suspend() {
    scan.suspend();
  }

  /** The next document, or null behind the last one. */
  @Nullable Found next() {
    while (limit == 0 || taken < (long) skip + limit) {
      Found found = sorted ? nextMatch() : nextInOrder();
      if (found == null) {
        return null;
      }
      taken++;
      if (taken > skip) {
        return found;
      }
    }
    return null;
  }

  private @Nullable Found nextMatch() {
    for (Found found = scan.next(); found != null; found = scan.next()) {
      if (matcher.matches(found.document(), query)) {
        return found;
      }
    }
    return null;
  }

  private @Nullable Found nextInOrder() {
    if (!collected) {
      collected = true;
      inOrder.addAll(sortAll());
    }
    return inOrder.poll();
  }

  private List<Found> sortAll() {
    List<Field> fields = fieldsOf(orderBy == null ? new Document() : orderBy);
    long wanted = limit == 0 ? Integer.MAX_VALUE : (long) skip + limit;
    List<Ranked> kept = new ArrayList<>();
    for (Found found = nextMatch(); found != null; found = nextMatch()) {
      kept.add(new Ranked(found, IndexShape.sortKey(fields, found.document())));
      if (kept.size() >= 2 * wanted + 1_000) {
        Collections.sort(kept);
        kept.subList((int) wanted, kept.size()).clear();
      }
    }
    Collections.sort(kept);
    return kept.stream().limit(wanted).map(ranked -> ranked.found).toList();
  }

  private static List<Field> fieldsOf(Document orderBy) {
    List<Field> fields = new ArrayList<>();
    orderBy.forEach(
        (path, direction) -> {
          if (!(direction instanceof Number number)) {
            throw new MongoServerError(
                ErrorCode.BadValue,
                "cannot sort by %s in the order %s: give 1 or -1".formatted(path, direction));
          }
          fields.add(new Field(path, number.intValue() > 0));
        });
    return fields;
  }

  /** A document and its place in the order. */
  private static final class Ranked implements Comparable<Ranked> {
    private final Found found;
    private final byte[] key;

    Ranked(Found found, byte[] key) {
      this.found = found;
      this.key = key;
    }

    @Override
    public int compareTo(Ranked other) {
      return Arrays.compareUnsigned(key, other.key);
    }
  }
}
