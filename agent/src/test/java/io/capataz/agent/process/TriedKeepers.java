package io.capataz.agent.process;

import io.capataz.agent.process.Keepers.Form;
import io.capataz.testing.Missing;
import io.capataz.testing.Repetitions;
import java.util.stream.Stream;

/**
 * The forms of the keeper that a build tries: the native one, and with {@code -Psoak} the shell's
 * as well, which otherwise only {@link ShellKeeperTest} tries. Without a C compiler it is all there
 * is, and is tried by all.
 */
final class TriedKeepers {

  private static final boolean IS_NATIVE_BUILT =
      Keepers.class.getResource("capataz-keeper-" + System.getProperty("os.arch")) != null;

  private TriedKeepers() {}

  static Stream<Form> forms() {
    return Stream.of(Form.values()).filter(TriedKeepers::isTried);
  }

  static boolean isTried(Form form) {
    return form == Form.NATIVE || Repetitions.isSoak() || !IS_NATIVE_BUILT;
  }

  /** Skips what tries the native keeper where it could not be built. */
  static void mustBeThere(Form form) {
    Missing.unless(
        form == Form.SHELL || IS_NATIVE_BUILT,
        "no C compiler was there when this was built, so the native keeper is not tested");
  }
}
