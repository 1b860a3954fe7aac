package io.capataz.supervisor.quota;

import io.capataz.supervisor.runtime.Round;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Counts what organizations have, page by page, about once a minute. A count that takes long is
 * made less often, so that it uses a twentieth of the time at most.
 */
@Component
class UsageCounts {

  private static final int PAGE = 1_000;
  private static final long EVERY = Duration.ofMinutes(1).toNanos();
  private static final int PART_OF_TIME = 20;

  private final Quotas quotas;
  private final List<Count> counts;

  UsageCounts(Quotas quotas, List<StoredUsage> collections) {
    this.quotas = quotas;
    this.counts = collections.stream().map(Count::new).toList();
  }

  @Scheduled(fixedDelayString = "PT5S")
  void count() {
    for (var count : counts) {
      if (count.isDue(System.nanoTime())) {
        count.go();
      }
    }
  }

  /** Counts everything again, at once. */
  void countNow() {
    for (var collection : counts) {
      var count = new Count(collection.collection);
      do {
        count.go();
      } while (count.last != null);
    }
  }

  /** The count of one collection, which may take several rounds. */
  private final class Count {
    private final StoredUsage collection;
    private final Map<String, Map<Quota, Long>> found = new HashMap<>();
    private @Nullable String last;
    private long spent;
    private long due = System.nanoTime();

    Count(StoredUsage collection) {
      this.collection = collection;
    }

    boolean isDue(long now) {
      return now - due >= 0;
    }

    void go() {
      var begun = System.nanoTime();
      var round = Round.ofSweep();
      List<StoredUsage.Stored> page;
      do {
        page = collection.after(last, PAGE);
        page.forEach(this::add);
      } while (page.size() == PAGE && !round.isOver());
      spent += System.nanoTime() - begun;
      if (page.size() < PAGE) {
        quotas.counted(collection.quotas(), found);
        due = System.nanoTime() + Math.max(EVERY, PART_OF_TIME * spent);
        found.clear();
        last = null;
        spent = 0;
      }
    }

    private void add(StoredUsage.Stored stored) {
      last = stored.id();
      var ofOne = found.computeIfAbsent(stored.organization(), _ -> new EnumMap<>(Quota.class));
      stored.amounts().forEach((quota, amount) -> ofOne.merge(quota, amount, Long::sum));
    }
  }
}
