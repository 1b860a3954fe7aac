package io.capataz.supervisor.draft;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a job does with a draft. */
enum Step {
  /** Reads its text; runs nothing of it. */
  CHECK(DraftMove.PASS_CHECK),
  /** Runs its tests, contained. */
  TRIAL(DraftMove.PASS_TRIAL);

  private final DraftMove passed;

  Step(DraftMove passed) {
    this.passed = passed;
  }

  /** The move when it has passed. */
  DraftMove passed() {
    return passed;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Step> named(String word) {
    return Arrays.stream(values()).filter(step -> step.word().equals(word)).findFirst();
  }
}
