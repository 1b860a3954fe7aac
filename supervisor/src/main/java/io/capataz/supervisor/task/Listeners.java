package io.capataz.supervisor.task;

import io.capataz.supervisor.runtime.ReadCache;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Whether events of an emitter start something, as it was at most a second ago. Asked at each end
 * of a job: the answers are kept, for the organization and for the emitter, so that it costs a job
 * nothing in the store as long as nothing listens.
 */
public final class Listeners {

  private static final int MOST = 10_000;

  private final Predicate<String> any;
  private final BiPredicate<String, String> one;
  private final ReadCache<String, Boolean> organizations = ReadCache.of(MOST);
  private final ReadCache<Subject, Boolean> emitters = ReadCache.of(MOST);

  private record Subject(String organization, String emitter) {}

  /**
   * Answers that are asked of the store.
   *
   * @param any whether something in the organization listens to some emitter
   * @param one whether something in the organization listens to an emitter, named as by {@link
   *     EventId#emitter}
   */
  public Listeners(Predicate<String> any, BiPredicate<String, String> one) {
    this.any = any;
    this.one = one;
  }

  /**
   * Whether something in the organization listens.
   *
   * @param emitter its id
   */
  public boolean hear(String organization, String emitter) {
    return organizations.get(organization, () -> Optional.of(any.test(organization))).orElse(false)
        && emitters
            .get(
                new Subject(organization, emitter),
                () -> Optional.of(one.test(organization, EventId.emitter(emitter))))
            .orElse(false);
  }

  /** Forgets all answers. To be called after each change has been written. */
  public void drop() {
    organizations.drop();
    emitters.drop();
  }
}
