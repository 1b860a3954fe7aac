package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.Document;
import io.capataz.embedded.store.Conditions.Bound;
import io.capataz.embedded.store.Conditions.Points;
import io.capataz.embedded.store.Conditions.Range;
import io.capataz.embedded.store.IndexShape.Field;
import io.capataz.embedded.store.Plan.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the index for a query: the longest prefix of equalities and {@code $in}s, then a range,
 * then an order that spares the sort. There are no statistics, so the same query always takes the
 * same way.
 */
final class Planner {

  /** More ranges than this cost more than the next field of the index saves. */
  private static final int MAX_RANGES = 2_000;

  /** Ranges that are read side by side each hold a statement open. */
  private static final int MAX_MERGED_RANGES = 128;

  private static final int SCORE_OF_UNIQUE_MATCH = 1_000;
  private static final int SCORE_OF_POINT = 10;
  private static final int SCORE_OF_ORDER = 8;
  private static final int SCORE_OF_RANGE = 5;

  private Planner() {}

  static Plan plan(List<StoreIndex> indexes, Document query, @Nullable Document orderBy) {
    Document wantedOrder = orderBy == null ? new Document() : orderBy;
    if (wantedOrder.containsKey("$natural")) {
      boolean backward =
          wantedOrder.get("$natural") instanceof Number direction && direction.intValue() < 0;
      return Plan.allDocuments(backward, true);
    }
    Conditions conditions = Conditions.of(query);
    Plan best = Plan.allDocuments(false, wantedOrder.isEmpty());
    int bestScore = 0;
    for (StoreIndex index : indexes) {
      Candidate candidate = new Candidate(index, conditions);
      Optional<Plan> plan = candidate.plan(wantedOrder);
      if (plan.isPresent() && candidate.score > bestScore) {
        best = plan.get();
        bestScore = candidate.score;
      }
    }
    return best;
  }

  /** One index, and what it could do for the query. */
  private static final class Candidate {
    private final StoreIndex index;
    private final List<Field> fields;
    private final Conditions conditions;
    private final List<Boolean> singlePoints = new ArrayList<>();
    private List<byte[]> prefixes = List.of(new byte[0]);
    private boolean present;
    private boolean arrayUsed;
    private int score;

    Candidate(StoreIndex index, Conditions conditions) {
      this.index = index;
      this.fields = index.shape().fields();
      this.conditions = conditions;
      this.present = !index.shape().sparse();
    }

    Optional<Plan> plan(Document orderBy) {
      takePoints();
      List<KeyRange> ranges = new ArrayList<>();
      Optional<Range> range = nextRange();
      for (byte[] prefix : prefixes) {
        ranges.add(
            range
                .map(ends -> bounded(prefix, fields.get(singlePoints.size()), ends))
                .orElseGet(() -> everythingBelow(prefix)));
      }
      if (range.isPresent()) {
        present = true;
        score += SCORE_OF_RANGE;
      }
      if (!present) {
        return Optional.empty();
      }
      if (index.shape().unique() && singlePoints.size() == fields.size()) {
        score += SCORE_OF_UNIQUE_MATCH;
      }
      Order order = orderBy.isEmpty() ? Order.ASKED_FOR_NONE : order(orderBy);
      if (order.served && !orderBy.isEmpty()) {
        score += SCORE_OF_ORDER;
      }
      return Optional.of(
          new Plan(Optional.of(index), ranges, order.backward, order.served, order.merged));
    }

    private void takePoints() {
      for (Field field : fields) {
        Optional<Points> points =
            mayUse(singlePoints.size()) ? conditions.points(field.path()) : Optional.empty();
        if (points.isEmpty() || prefixes.size() * points.get().values().size() > MAX_RANGES) {
          return;
        }
        List<byte[]> values =
            points.get().values().stream()
                .map(field::encode)
                .sorted(Arrays::compareUnsigned)
                .toList();
        List<byte[]> longer = new ArrayList<>(prefixes.size() * values.size());
        for (byte[] prefix : prefixes) {
          for (byte[] value : values) {
            longer.add(IndexShape.join(prefix, value));
          }
        }
        prefixes = longer;
        present |= points.get().excludeNull();
        arrayUsed |= index.isArray(singlePoints.size());
        singlePoints.add(values.size() == 1);
        score += SCORE_OF_POINT;
      }
    }

    /**
     * Two fields that lead through one array may be met by two of its elements, which are two keys.
     * So only one such field may narrow the search.
     */
    private boolean mayUse(int position) {
      return !(arrayUsed && index.isArray(position));
    }

    private Optional<Range> nextRange() {
      int position = singlePoints.size();
      if (position == fields.size() || !mayUse(position)) {
        return Optional.empty();
      }
      Optional<Range> range = conditions.range(fields.get(position).path());
      if (index.isArray(position)) {
        // One element may be above the low end and another one below the high end.
        return range.map(
            ends -> ends.low().isPresent() ? new Range(ends.low(), Optional.empty()) : ends);
      }
      return range;
    }

    private static KeyRange everythingBelow(byte[] prefix) {
      return new KeyRange(prefix, IndexShape.join(prefix, KeyEncoding.ABOVE), prefix.length);
    }

    private static KeyRange bounded(byte[] prefix, Field field, Range range) {
      Optional<Bound> first = field.ascending() ? range.low() : range.high();
      Optional<Bound> last = field.ascending() ? range.high() : range.low();
      byte bracket = KeyEncoding.bracket(range.low().or(range::high).orElseThrow().value());
      byte start = field.ascending() ? bracket : (byte) ~bracket;
      byte[] low =
          first
              .map(bound -> edge(prefix, field, bound.value(), !bound.inclusive()))
              .orElseGet(() -> IndexShape.join(prefix, start));
      byte[] high =
          last.map(bound -> edge(prefix, field, bound.value(), bound.inclusive()))
              .orElseGet(() -> IndexShape.join(prefix, (byte) (start + 1)));
      return new KeyRange(low, high, prefix.length);
    }

    /** Just before or just after all keys that have this value at this place. */
    private static byte[] edge(byte[] prefix, Field field, Object value, boolean after) {
      byte[] key = IndexShape.join(prefix, field.encode(KeyEncoding.encode(value)));
      return after ? IndexShape.join(key, KeyEncoding.ABOVE) : key;
    }

    private record Order(boolean served, boolean backward, boolean merged) {
      static final Order ASKED_FOR_NONE = new Order(true, false, false);
      static final Order NOT_SERVED = new Order(false, false, false);
    }

    private Order order(Document orderBy) {
      if (index.hasArrays()) {
        return Order.NOT_SERVED;
      }
      List<Map.Entry<String, Object>> asked =
          orderBy.entrySet().stream().filter(entry -> !isFixed(entry.getKey())).toList();
      Order inSequence = order(asked, false);
      if (inSequence.served || prefixes.size() > MAX_MERGED_RANGES) {
        return inSequence;
      }
      return order(asked, true);
    }

    private Order order(List<Map.Entry<String, Object>> asked, boolean merged) {
      int next = 0;
      int direction = 0;
      for (int position = 0; position < fields.size() && next < asked.size(); position++) {
        if (position < singlePoints.size() && (merged || singlePoints.get(position))) {
          continue;
        }
        Field field = fields.get(position);
        Map.Entry<String, Object> wanted = asked.get(next);
        if (!field.path().equals(wanted.getKey()) || !(wanted.getValue() instanceof Number sign)) {
          return Order.NOT_SERVED;
        }
        int turn = (sign.intValue() > 0) == field.ascending() ? 1 : -1;
        if (direction != 0 && direction != turn) {
          return Order.NOT_SERVED;
        }
        direction = turn;
        next++;
      }
      return next == asked.size() ? new Order(true, direction < 0, merged) : Order.NOT_SERVED;
    }

    private boolean isFixed(String path) {
      for (int position = 0; position < singlePoints.size(); position++) {
        if (singlePoints.get(position) && fields.get(position).path().equals(path)) {
          return true;
        }
      }
      return false;
    }
  }
}
