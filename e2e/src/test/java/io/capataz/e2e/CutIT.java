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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Loses responses on the network: the sender cannot know whether its request took effect. No
 * process dies here, so no job may be lost, and each must run exactly once. All tests use one
 * fleet, in which proxies stand before the store and before the supervisors, and one of the two
 * agents makes calls only.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CutIT {

  private static final int JOBS = Repetitions.of("capataz.cut.jobs");
  private static final long SEED =
      Long.getLong("capataz.cut.seed", System.currentTimeMillis() % 1_000_000);

  private static final Duration SLOW = Duration.ofMillis(150);

  private final List<CutProxy> toStore = new ArrayList<>();
  private final List<CutProxy> toSupervisors = new ArrayList<>();

  private Fleet fleet;

  @BeforeAll
  void start(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path folder) throws IOException {
    fleet =
        Fleet.in(folder)
            .storeSeenAs(port -> proxy(port, toStore))
            .supervisorSeenAs(port -> proxy(port, toSupervisors))
            .supervisors(2)
            .agents(2, 6)
            .linked(agent -> agent == 0)
            .start();
  }

  @AfterEach
  void mend() {
    toStore.forEach(proxy -> proxy.slowDown(Duration.ZERO));
    Stream.of(toStore, toSupervisors).flatMap(List::stream).forEach(CutProxy::mend);
  }

  @AfterAll
  void stop() throws IOException {
    fleet.close();
    for (CutProxy proxy : Stream.of(toStore, toSupervisors).flatMap(List::stream).toList()) {
      proxy.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void between_supervisors_and_the_store(Moment moment) throws Exception {
    toStore.forEach(proxy -> proxy.cutOneIn(60, moment));
    judge(toStore, JOBS);
  }

  @ParameterizedTest
  @EnumSource
  void between_agents_and_their_supervisors(Moment moment) throws Exception {
    toSupervisors.forEach(proxy -> proxy.cutOneIn(8, moment));
    judge(toSupervisors, JOBS);
  }

  /** So a call is repeated while the first of it is still being served. */
  @Test
  void between_agents_and_their_supervisors_while_the_store_is_slow() throws Exception {
    toStore.forEach(proxy -> proxy.slowDown(SLOW));
    toSupervisors.forEach(proxy -> proxy.cutOneIn(8, Moment.WHEN_ASKED));
    // A serial task's jobs take seconds each here; more of them would tell nothing more.
    judge(toSupervisors, JOBS / 2);
  }

  private static int proxy(int port, List<CutProxy> proxies) {
    CutProxy proxy = CutProxy.to(port, SEED);
    proxies.add(proxy);
    return proxy.port();
  }

  private void judge(List<CutProxy> cutting, int jobs) throws IOException {
    int before = cuts(cutting);
    try (Flow flow = new Flow(fleet, Flavour.used(), Flow.Shape.SHORT, SEED)) {
      long begun = System.nanoTime();
      flow.post(jobs);
      flow.stop();
      Verdict verdict = new Verdict(fleet, flow, List.of());
      verdict.awaitEnds(Duration.ofMinutes(2));
      cutting.forEach(CutProxy::mend);
      verdict.lookOnce();
      verdict.lookAgain();
      System.out.printf(
          "cut: seed %d, %d cuts, jobs accepted %d, posts repeated %d, twins %d, outcomes %s,"
              + " troubles of callers %s, %.0f s%n",
          SEED,
          cuts(cutting) - before,
          flow.accepted().size(),
          flow.repeated(),
          verdict.twins(),
          verdict.outcomes(),
          fleet.api().troubles(),
          (System.nanoTime() - begun) / 1e9);

      assertThat(verdict.violations()).as(verdict.told() + "\nsee " + fleet.folder()).isEmpty();
      assertThat(flow.accepted()).hasSize(jobs);
      assertThat(fleet.all().flatMap(part -> part.falls().stream())).isEmpty();
    }
  }

  private static int cuts(List<CutProxy> proxies) {
    return proxies.stream().mapToInt(CutProxy::cuts).sum();
  }
}
