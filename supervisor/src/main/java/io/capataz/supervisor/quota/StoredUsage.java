package io.capataz.supervisor.quota;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A collection that is counted from time to time. */
public interface StoredUsage {

  /** A document, and what it counts for. Sizes are in bytes. */
  record Stored(String id, String organization, Map<Quota, Long> amounts) {
    public Stored {
      amounts = Map.copyOf(amounts);
    }
  }

  /** What is counted in it; each quota is counted in one collection. */
  Set<Quota> quotas();

  /**
   * Some of its documents, in the order of their ids.
   *
   * @param id after which they come; null: from the first
   */
  List<Stored> after(@Nullable String id, int limit);
}
