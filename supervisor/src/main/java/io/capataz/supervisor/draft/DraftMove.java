package io.capataz.supervisor.draft;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * The life of a draft, as one table: every change of a draft's state is one of these moves, and a
 * move is one compare-and-set that names the states it may leave.
 */
enum DraftMove {
  /** A job on a host has found nothing wrong with the text. */
  PASS_CHECK(By.JOB, DraftState.CHECKED, DraftState.DRAFT),
  /** A job on a host has run the tests, contained, and they passed. */
  PASS_TRIAL(By.JOB, DraftState.TRIED, DraftState.CHECKED),
  /** A person takes responsibility for exactly these files. */
  APPROVE(By.PERSON, DraftState.APPROVED, DraftState.TRIED),
  /** Somebody does not want it, and says why. */
  REJECT(By.MEMBER, DraftState.REJECTED, DraftState.DRAFT, DraftState.CHECKED, DraftState.TRIED),
  /** The model writes another version; nothing that was found out about the last one holds. */
  IMPROVE(By.MEMBER, DraftState.DRAFT, DraftState.values());

  /** Who makes a move. */
  enum By {
    /** The job of a check or a trial. */
    JOB,
    /** A member, a person or a program. */
    MEMBER,
    /** A person, never a program. */
    PERSON
  }

  private final By by;
  private final DraftState to;

  // An unmodifiable copy; the checker does not know the JDK's own.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<DraftState> from;

  DraftMove(By by, DraftState to, DraftState... from) {
    this.by = by;
    this.to = to;
    this.from = Set.of(from);
  }

  By by() {
    return by;
  }

  DraftState to() {
    return to;
  }

  Set<DraftState> from() {
    return from;
  }

  boolean leaves(DraftState state) {
    return from.contains(state);
  }

  /** The states it leaves, for people. */
  String fromWords() {
    return from.stream().sorted().map(DraftState::word).collect(Collectors.joining(" or "));
  }
}
