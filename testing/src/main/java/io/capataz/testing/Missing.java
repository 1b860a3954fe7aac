package io.capataz.testing;

import org.junit.jupiter.api.Assumptions;

/**
 * Skips a test because the machine lacks something, and says so on the terminal. {@link
 * BuildReport} lists the reasons again at the end of the build.
 */
public final class Missing {

  /** Tells what a machine lacks from an assumption that only says that a case makes no sense. */
  static final String MARK = "NOT TESTED: ";

  private Missing() {}

  /** Skips the calling test unless {@code present}; the reason says what is missing. */
  public static void unless(boolean present, String reason) {
    if (!present) {
      System.err.printf("%n*** SKIPPED: %s ***%n%n", reason);
      Assumptions.abort(MARK + reason);
    }
  }

  /**
   * As {@link #unless}, but fails where {@code CI} is set: what {@code .ci/run} can install must be
   * there.
   */
  public static void unlessOrFailInCi(boolean present, String reason) {
    if (!present && Boolean.parseBoolean(System.getenv("CI"))) {
      throw new AssertionError(reason);
    }
    unless(present, reason);
  }
}
