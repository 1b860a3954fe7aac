package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first stages of an aggregation say in the words of a query, and the stages after them.
 */
record PipelineHead(
    Document match, @Nullable Document sort, int skip, int limit, List<Document> rest) {

  PipelineHead {
    rest = List.copyOf(rest);
  }

  /**
   * Takes {@code $match}es, then a {@code $sort}, a {@code $skip} and a {@code $limit}, each as far
   * as it is there.
   */
  static PipelineHead of(List<Document> pipeline) {
    int next = 0;
    List<Document> matches = new ArrayList<>();
    while (next < pipeline.size() && pipeline.get(next).get("$match") instanceof Document match) {
      matches.add(match);
      next++;
    }
    Document sort = null;
    if (next < pipeline.size() && pipeline.get(next).get("$sort") instanceof Document order) {
      sort = order;
      next++;
    }
    int skip = 0;
    if (next < pipeline.size()
        && pipeline.get(next).get("$skip") instanceof Number number
        && fits(number)) {
      skip = number.intValue();
      next++;
    }
    int limit = 0;
    if (next < pipeline.size()
        && pipeline.get(next).get("$limit") instanceof Number number
        && fits(number)) {
      limit = number.intValue();
      next++;
    }
    Document match =
        switch (matches.size()) {
          case 0 -> new Document();
          case 1 -> matches.getFirst();
          default -> new Document("$and", matches);
        };
    return new PipelineHead(match, sort, skip, limit, pipeline.subList(next, pipeline.size()));
  }

  private static boolean fits(Number number) {
    return number.longValue() > 0 && number.longValue() < Integer.MAX_VALUE / 4;
  }
}
