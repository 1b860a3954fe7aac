package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.e2e.CutProxy.Moment;
import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An answer that is lost on its way leaves the one who asked not knowing. Nothing dies here, so no
 * job may be lost, and each must run exactly once.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CutIT {

  private static final int JOBS = Repetitions.of("capataz.cut.jobs");
  private static final long SEED =
      Long.getLong("capataz.cut.seed", System.currentTimeMillis() % 1_000_000);

  private static final Duration SLOW = Duration.ofMillis(150);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final List<CutProxy> proxies = new ArrayList<>();

  private @Nullable CutProxy slow;

  @AfterEach
  void closeProxies() throws IOException {
    for (CutProxy proxy : proxies) {
      proxy.close();
    }
    if (slow != null) {
      slow.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void between_supervisors_and_the_store(Moment moment) throws Exception {
    Fleet.Plan plan = Fleet.in(folder).storeSeenAs(port -> proxy(port, moment));
    judge(plan, JOBS, 60);
  }

  @ParameterizedTest
  @EnumSource
  void between_agents_and_their_supervisors(Moment moment) throws Exception {
    Fleet.Plan plan = Fleet.standing(folder).supervisorSeenAs(port -> proxy(port, moment));
    judge(plan, JOBS, 8);
  }

  /** So a call is repeated while the first of it is still being served. */
  @Test
  void between_agents_and_their_supervisors_while_the_store_is_slow() throws Exception {
    Fleet.Plan plan =
        Fleet.in(folder)
            .storeSeenAs(
                port -> {
                  slow = CutProxy.to(port, Moment.WHEN_ASKED, SEED);
                  return slow.port();
                })
            .supervisorSeenAs(port -> proxy(port, Moment.WHEN_ASKED));
    // A serial task's jobs take seconds each here; more of them would tell nothing more.
    judge(plan, JOBS / 2, 8);
  }

  private int proxy(int port, Moment moment) {
    CutProxy proxy = CutProxy.to(port, moment, SEED);
    proxies.add(proxy);
    return proxy.port();
  }

  private void judge(Fleet.Plan plan, int jobs, int oneIn) throws IOException {
    try (Fleet fleet = plan.supervisors(2).agents(2, 6).start();
        Flow flow = new Flow(fleet, Flavour.used(), Flow.Shape.SHORT, SEED)) {
      long begun = System.nanoTime();
      proxies.forEach(proxy -> proxy.cutOneIn(oneIn));
      if (slow != null) {
        slow.slowDown(SLOW);
      }
      flow.post(jobs);
      flow.stop();
      Verdict verdict = new Verdict(fleet, flow, List.of());
      verdict.awaitEnds(Duration.ofMinutes(2));
      proxies.forEach(proxy -> proxy.cutOneIn(0));
      verdict.lookOnce();
      verdict.lookAgain();
      System.out.printf(
          "cut: seed %d, %d cuts, jobs accepted %d, posts repeated %d, twins %d, outcomes %s,"
              + " troubles of callers %s, %.0f s%n",
          SEED,
          proxies.stream().mapToInt(CutProxy::cuts).sum(),
          flow.accepted().size(),
          flow.repeated(),
          verdict.twins(),
          verdict.outcomes(),
          fleet.api().troubles(),
          (System.nanoTime() - begun) / 1e9);

      assertThat(verdict.violations()).as(verdict.told() + "\nsee " + folder).isEmpty();
      assertThat(flow.accepted()).hasSize(jobs);
      assertThat(fleet.all().flatMap(part -> part.falls().stream())).isEmpty();
    }
  }
}
