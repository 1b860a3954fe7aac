package io.capataz.supervisor.draft;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.draft.Draft.Approval;
import io.capataz.supervisor.draft.Draft.Rejection;
import io.capataz.supervisor.draft.Draft.Report;
import io.capataz.supervisor.draft.Draft.Running;
import io.capataz.supervisor.draft.Draft.Spent;
import io.capataz.supervisor.draft.Draft.Version;
import io.capataz.supervisor.draft.DraftMove.By;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The table of moves, and random walks in it. */
class DraftMovesTest {

  private static final Instant NOW = Instant.parse("2026-02-03T10:11:12Z");

  @Test
  void only_a_person_leads_to_approved_and_only_from_tried() {
    assertThat(DraftMove.values())
        .filteredOn(move -> move.to() == DraftState.APPROVED)
        .singleElement()
        .satisfies(
            move -> {
              assertThat(move.by()).isEqualTo(By.PERSON);
              assertThat(move.from()).containsExactly(DraftState.TRIED);
            });
    assertThat(DraftMove.values())
        .filteredOn(move -> move.to() == DraftState.TRIED)
        .allMatch(move -> move.by() == By.JOB)
        .allMatch(move -> move.from().equals(Set.of(DraftState.CHECKED)));
    assertThat(DraftMove.values())
        .filteredOn(move -> move.to() == DraftState.CHECKED)
        .allMatch(move -> move.by() == By.JOB)
        .allMatch(move -> move.from().equals(Set.of(DraftState.DRAFT)));
  }

  @Test
  void every_state_can_be_reached() {
    var reached = new HashSet<>(Set.of(DraftState.DRAFT));
    for (var i = 0; i < DraftState.values().length; i++) {
      Arrays.stream(DraftMove.values())
          .filter(move -> reached.stream().anyMatch(move::leaves))
          .forEach(move -> reached.add(move.to()));
    }
    assertThat(reached).containsExactlyInAnyOrder(DraftState.values());
  }

  private static Version version(int number) {
    return new Version(number, "sha256:" + number, "s", "a", NOW, Spent.NOTHING, null, null);
  }

  private static Draft fresh() {
    return new Draft(
        "1",
        "acme",
        Acl.ADMINISTRATORS,
        "a",
        "name",
        DraftState.DRAFT,
        List.of(version(1)),
        null,
        null,
        null,
        1,
        NOW);
  }

  private static Draft step(Draft draft, int what, boolean passes) {
    return switch (what) {
      case 0 -> draft.running(new Running(Step.CHECK, "job", draft.current().number(), NOW));
      case 1, 2 -> {
        var step = what == 1 ? Step.CHECK : Step.TRIAL;
        var report = new Report("job", NOW, passes, List.of(), Map.of());
        yield step.passed().leaves(draft.state()) ? draft.with(step, report) : draft;
      }
      case 3 ->
          DraftMove.APPROVE.leaves(draft.state())
              ? draft.approved(
                  new Approval(
                      draft.current().number(), draft.current().digest(), "p", NOW, null, null))
              : draft;
      case 4 ->
          DraftMove.REJECT.leaves(draft.state())
              ? draft.rejected(new Rejection("p", NOW, "no"))
              : draft;
      default -> draft.improved(version(draft.current().number() + 1), "other");
    };
  }

  @Test
  void on_any_way_a_state_says_what_was_found_out_about_this_very_version() {
    var seed = new Random().nextLong();
    var random = new Random(seed);
    for (var way = 0; way < 2_000; way++) {
      var draft = fresh();
      for (var i = 0; i < 30; i++) {
        var before = draft;
        draft = step(draft, random.nextInt(6), random.nextBoolean());
        assertThat(broken(before, draft)).as("seed " + seed).isEmpty();
      }
    }
  }

  private static String broken(Draft before, Draft after) {
    var version = after.current();
    var checked = version.check() != null && version.check().passed();
    var tried = version.trial() != null && version.trial().passed();
    var approval = after.approval();
    return switch (after.state()) {
          case DRAFT -> checked ? "A draft that has passed is checked." : "";
          case CHECKED -> checked && !tried ? "" : "Checked is what has passed that.";
          case TRIED -> checked && tried ? "" : "Tried is what has passed both.";
          case APPROVED ->
              checked && tried && approval != null && approval.digest().equals(version.digest())
                  ? ""
                  : "Approved is what was tried, and under its digest.";
          case REJECTED -> after.rejection() == null ? "Nobody says why." : "";
        }
        + (approval != null
                && !approval.equals(before.approval())
                && !approval.digest().equals(before.current().digest())
            ? "Another version was approved."
            : "")
        + (after.equals(before) || after.rev() == before.rev() + 1
            ? ""
            : "A change was not counted.");
  }
}
