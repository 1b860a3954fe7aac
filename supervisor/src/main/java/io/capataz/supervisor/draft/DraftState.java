package io.capataz.supervisor.draft;

import java.util.Locale;

/** The states of a draft; {@link DraftMove} says how it comes from one to another. */
enum DraftState {
  /** Written by the model; nobody has looked at it. */
  DRAFT,
  /** Its text has passed the checks; none of it has been run. */
  CHECKED,
  /** Its tests have passed in a trial. */
  TRIED,
  /** A person has approved it; it is an API task. */
  APPROVED,
  /** Somebody does not want it. */
  REJECTED;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
