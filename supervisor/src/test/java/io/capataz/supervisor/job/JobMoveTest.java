package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What must be true of the table of moves, whatever stands in it. */
class JobMoveTest {

  @Test
  void every_state_can_be_reached_from_where_jobs_begin() {
    assertThat(reachableFrom(JobState.READY, JobState.SCHEDULED, JobState.HELD))
        .containsExactlyInAnyOrder(JobState.values());
  }

  @ParameterizedTest
  @EnumSource
  void a_state_is_final_or_leads_to_a_final_one(JobState state) {
    assertThat(reachableFrom(state)).anyMatch(JobState::isFinal);
  }

  @Test
  void four_states_are_final() {
    assertThat(Arrays.stream(JobState.values()).filter(JobState::isFinal))
        .containsExactly(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED, JobState.EXPIRED);
  }

  @ParameterizedTest
  @EnumSource
  void no_move_starts_where_it_leads(JobMove move) {
    assertThat(move.from()).isNotEmpty().doesNotContain(move.to());
  }

  @ParameterizedTest
  @EnumSource
  void whatever_an_agent_says_of_an_attempt_is_fenced(JobMove move) {
    if (move.by().contains(JobMove.By.AGENT) && move != JobMove.ASSIGN) {
      assertThat(move.fenced()).isTrue();
    }
    if (move.fenced() && move != JobMove.SUCCEED_LATE) {
      assertThat(move.from()).allMatch(JobState::isUnderWay);
    }
  }

  @Test
  void only_a_claim_leads_to_assigned_from_where_nobody_holds_the_job() {
    assertThat(JobMove.values())
        .filteredOn(move -> move.to().isUnderWay())
        .filteredOn(move -> move.from().stream().anyMatch(from -> !from.isUnderWay()))
        .containsExactly(JobMove.ASSIGN);
  }

  private static Set<JobState> reachableFrom(JobState... begin) {
    var reached = EnumSet.noneOf(JobState.class);
    var open = new ArrayDeque<>(Arrays.asList(begin));
    while (!open.isEmpty()) {
      var state = open.pop();
      if (reached.add(state)) {
        JobMove.leaving(state).forEach(move -> open.push(move.to()));
      }
    }
    return reached;
  }
}
