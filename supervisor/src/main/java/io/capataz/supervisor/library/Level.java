package io.capataz.supervisor.library;

/** Who may run a version of an API task. The words are those of seed 000's system. */
enum Level {
  /** The user who registered it, and administrators. */
  U,
  /** Every member of the organization whose role may run tasks. */
  O,
  /**
   * The same as {@link #O}: organizations never see each other here. Kept for clients that know
   * platforms.
   */
  P
}
