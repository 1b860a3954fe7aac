package io.capataz.supervisor.runtime;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Keeps objects read from the store for at most {@link #MAX_AGE}, because every job needs the same
 * few. A change made by this process drops them at once; a change made by another supervisor is
 * seen when they are too old. Only what a compare-and-set checks again, or what may be a second
 * old, is read through a cache.
 *
 * <p>What does not exist is not remembered: a new object is found at once everywhere.
 */
public final class ReadCache<K, V> {

  /** How old an object may be: a revoked key opens nothing after this. */
  public static final Duration MAX_AGE = Duration.ofSeconds(1);

  private final Cache<Key<K>, V> kept;

  /** A read that began before a drop must not be kept after it; its key is an old one. */
  private final AtomicLong drops = new AtomicLong();

  private record Key<K>(long drops, K key) {}

  private ReadCache(Caffeine<? super Key<K>, ? super V> bounded) {
    kept = bounded.expireAfterWrite(MAX_AGE).build();
  }

  /** A cache of at most so many objects. */
  public static <K, V> ReadCache<K, V> of(int objects) {
    return new ReadCache<>(Caffeine.newBuilder().maximumSize(objects));
  }

  /** A cache of at most so many bytes. */
  public static <K, V> ReadCache<K, V> ofBytes(long bytes, ToIntFunction<V> size) {
    return new ReadCache<>(
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .weigher((Key<K> _, V value) -> size.applyAsInt(value)));
  }

  /** The object, read from the store unless it is kept. */
  public Optional<V> get(K key, Supplier<Optional<V>> read) {
    var place = new Key<>(drops.get(), key);
    var there = kept.getIfPresent(place);
    if (there != null) {
      return Optional.of(there);
    }
    var found = read.get();
    found.ifPresent(value -> kept.put(place, value));
    return found;
  }

  /** Forgets all objects. To be called after each change of one of them has been written. */
  public void drop() {
    drops.incrementAndGet();
  }
}
