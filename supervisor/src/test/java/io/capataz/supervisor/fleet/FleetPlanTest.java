package io.capataz.supervisor.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.supervisor.fleet.FleetRun.Approval;
import io.capataz.supervisor.fleet.FleetRun.Off;
import io.capataz.supervisor.fleet.FleetRun.Plan;
import io.capataz.supervisor.fleet.FleetRun.Wish;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FleetPlanTest {

  private static Plan plan(int total, @Nullable String budget, String... waves) {
    var wish = new Wish(List.of(waves), 10, budget, 0, Approval.NONE, Off.SKIP, null, null);
    return NewFleetRuns.plan(wish, total, Instant.EPOCH);
  }

  @Test
  void sizes_become_places() {
    assertThat(plan(160, null, "1", "5 %", "25%", "rest").ends()).containsExactly(1, 9, 49, 160);
    assertThat(plan(10, null, "rest").ends()).containsExactly(10);
    assertThat(plan(7, null, "1", "3").ends()).containsExactly(1, 4, 7);
    assertThat(plan(3, null, "1 %").ends()).containsExactly(1, 2, 3);
    assertThat(plan(3, null, "5", "rest").ends()).containsExactly(3);
  }

  @Test
  void every_place_is_in_one_wave() {
    var plan = plan(9, null, "2", "4", "rest");
    assertThat(List.of(plan.waveOf(0), plan.waveOf(1), plan.waveOf(2), plan.waveOf(8)))
        .containsExactly(0, 0, 1, 2);
  }

  @Test
  void a_budget_in_percent_is_rounded_up() {
    assertThat(plan(160, "3 %", "rest").budget()).isEqualTo(5);
    assertThat(plan(10, "1 %", "rest").budget()).isEqualTo(1);
    assertThat(plan(10, "7", "rest").budget()).isEqualTo(7);
    assertThat(plan(10, null, "rest").budget()).isNull();
  }

  @Test
  void waves_are_not_without_number() {
    assertThatThrownBy(() -> plan(501, null, "1")).isInstanceOf(ApiProblem.class);
    assertThat(plan(500, null, "1").waves()).isEqualTo(500);
  }
}
