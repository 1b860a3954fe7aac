package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadCacheTest {

  private final ReadCache<String, Integer> cache = ReadCache.of(10);
  private final AtomicInteger reads = new AtomicInteger();

  private Optional<Integer> read() {
    return Optional.of(reads.incrementAndGet());
  }

  @Test
  void an_object_is_read_again_after_a_drop() {
    assertThat(cache.get("a", this::read)).contains(1);

    cache.drop();

    assertThat(cache.get("a", this::read)).contains(2);
  }

  @Test
  void an_object_is_read_again_when_it_is_too_old() {
    var first = cache.get("a", this::read);

    await().until(() -> !cache.get("a", this::read).equals(first));
  }

  @Test
  void what_does_not_exist_is_looked_for_each_time() {
    assertThat(cache.get("a", Optional::empty)).isEmpty();
    assertThat(cache.get("a", this::read)).contains(1);
  }

  @Test
  void a_read_that_began_before_a_drop_is_not_kept_after_it() throws Exception {
    var begun = new CountDownLatch(1);
    var dropped = new CountDownLatch(1);
    var slow =
        CompletableFuture.supplyAsync(
            () ->
                cache.get(
                    "a",
                    () -> {
                      begun.countDown();
                      awaitUninterruptibly(dropped);
                      return Optional.of(-1);
                    }));
    begun.await();
    cache.drop();
    dropped.countDown();
    assertThat(slow.get()).contains(-1);

    assertThat(cache.get("a", this::read)).contains(1);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
