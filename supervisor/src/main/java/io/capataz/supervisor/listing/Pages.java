package io.capataz.supervisor.listing;

import java.util.ArrayList;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/** Pages of a collection, by order and position; no page costs more than the first. */
public final class Pages {

  /** How many heavy items are read at once. */
  private static final int AT_ONCE = 50;

  /** Bytes; a page with more is ended. */
  private static final long HEAVIEST = 2 * 1024 * 1024;

  private Pages() {}

  /**
   * The requested page.
   *
   * @param which the base filter of the list
   */
  public static <T> Listing.Page<T> find(
      MongoOperations mongo,
      Class<T> type,
      Criteria which,
      Listing<T> asked,
      Function<T, String> id) {
    var by = asked.order().field();
    var direction = asked.descending() ? Sort.Direction.DESC : Sort.Direction.ASC;
    var after = asked.after();
    var query =
        Query.query(
                after == null
                    ? which
                    : new Criteria()
                        .andOperator(
                            notBefore(by, after, asked.descending()),
                            which,
                            beyond(by, after, asked.descending())))
            .with(Sort.by(direction, by.toDotPath(), "_id"))
            .limit(asked.limit() + 1);
    var found = mongo.find(query, type);
    if (found.size() <= asked.limit()) {
      return new Listing.Page<>(found, null);
    }
    var items = found.subList(0, asked.limit());
    return new Listing.Page<>(items, positionOf(items.getLast(), asked, id));
  }

  /**
   * The requested page, which ends early where its items together are heavier than a page may be.
   *
   * @param weight about how many bytes an item has
   */
  public static <T> Listing.Page<T> find(
      MongoOperations mongo,
      Class<T> type,
      Criteria which,
      Listing<T> asked,
      Function<T, String> id,
      ToLongFunction<T> weight) {
    var items = new ArrayList<T>();
    var weighs = 0L;
    var rest = asked;
    while (true) {
      var left = asked.limit() - items.size();
      var some = find(mongo, type, which, rest.limitedTo(Math.min(left, AT_ONCE)), id);
      for (var item : some.items()) {
        weighs += weight.applyAsLong(item);
        items.add(item);
        if (weighs > HEAVIEST) {
          return new Listing.Page<>(items, positionOf(item, asked, id));
        }
      }
      if (some.last() == null || items.size() == asked.limit()) {
        return new Listing.Page<>(items, some.last());
      }
      rest = rest.after(some.last());
    }
  }

  private static <T> Listing.After positionOf(T item, Listing<T> asked, Function<T, String> id) {
    return new Listing.After(asked.order().valueOf(item), id.apply(item));
  }

  /** Redundant, but an index can start with it. */
  private static Criteria notBefore(
      TypedPropertyPath<?, ?> by, Listing.After after, boolean descending) {
    return descending
        ? Criteria.where(by).lte(after.value())
        : Criteria.where(by).gte(after.value());
  }

  private static Criteria beyond(
      TypedPropertyPath<?, ?> by, Listing.After after, boolean descending) {
    var further = Criteria.where(by);
    var same = Criteria.where("_id");
    return new Criteria()
        .orOperator(
            descending ? further.lt(after.value()) : further.gt(after.value()),
            new Criteria()
                .andOperator(
                    Criteria.where(by).is(after.value()),
                    descending ? same.lt(after.id()) : same.gt(after.id())));
  }
}
