package io.capataz.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.broker.BrokerProperties;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listeners that receive nothing, because there is no broker at the address. */
class PoolsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final PoolSource BUILDERS = source("builders");
  private static final PoolSource PAINTERS = source("painters");

  private final List<Thread> threads = new ArrayList<>();
  private final Pools pools =
      new Pools(
          work -> {
            var thread = Thread.ofPlatform().unstarted(work);
            threads.add(thread);
            return thread;
          },
          new BrokerClient(BrokerProperties.NONE),
          new Backoff(Duration.ofMillis(1), Duration.ofMillis(5), new Random()),
          new PoolListener() {
            @Override
            public void awaitFreeSlot() throws InterruptedException {
              new Semaphore(0).acquire();
            }

            @Override
            public boolean take(String job, Duration patience) {
              return false;
            }
          });

  private static PoolSource source(String pool) {
    return new PoolSource(pool, "127.0.0.1:1", "capataz.pool." + pool, "capataz.pool." + pool);
  }

  @AfterEach
  void end() throws InterruptedException {
    pools.close();
    for (var thread : threads) {
      assertThat(thread.join(PATIENCE)).isTrue();
    }
  }

  @Test
  void each_pool_has_one_listener_for_as_long_as_the_host_is_in_it() throws Exception {
    pools.listenTo(List.of(BUILDERS));
    pools.listenTo(List.of(BUILDERS, PAINTERS));
    assertThat(threads).hasSize(2).allMatch(Thread::isAlive);

    pools.listenTo(List.of(PAINTERS));
    assertThat(threads.getFirst().join(PATIENCE)).isTrue();
    assertThat(threads.getLast().isAlive()).isTrue();

    pools.listenTo(List.of(BUILDERS, PAINTERS));
    assertThat(threads).hasSize(3);
  }

  @Test
  void after_the_end_nobody_listens_whatever_is_said() {
    pools.listenTo(List.of(BUILDERS));
    pools.close();

    pools.listenTo(List.of(PAINTERS));

    assertThat(threads).hasSize(1);
  }
}
