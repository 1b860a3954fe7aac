package io.capataz.supervisor.listing;

import java.util.function.Function;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/** Pages of a collection, by order and position; no page costs more than the first. */
public final class Pages {

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
    var last = items.getLast();
    return new Listing.Page<>(
        items, new Listing.After(asked.order().valueOf(last), id.apply(last)));
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
