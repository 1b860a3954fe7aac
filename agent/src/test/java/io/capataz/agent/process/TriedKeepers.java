package io.capataz.agent.process;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Form;
import io.capataz.testing.Missing;
import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * The ways to start a keeper. A build tries the one that agents use where they can, and with {@code
 * -Psoak} all, which otherwise only {@link ExecutedKeeperTest} and {@link ShellKeeperTest} do.
 * Without a C compiler the shell's keeper is all there is, and is tried by all.
 */
enum TriedKeepers {
  /** The native keeper, forked by a zygote. */
  FORKED(Form.NATIVE),
  /** The native keeper, executed. */
  EXECUTED(Form.NATIVE),
  SHELL(Form.SHELL);

  private static final boolean IS_NATIVE_BUILT =
      Keepers.class.getResource("capataz-keeper-" + System.getProperty("os.arch")) != null;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Form form;

  TriedKeepers(Form form) {
    this.form = form;
  }

  static Stream<TriedKeepers> all() {
    return Stream.of(values()).filter(TriedKeepers::isTried);
  }

  private boolean isTried() {
    return this == FORKED || Repetitions.isSoak() || (this == SHELL && !IS_NATIVE_BUILT);
  }

  static boolean isTried(Form form) {
    return form == Form.NATIVE || SHELL.isTried();
  }

  Form form() {
    return form;
  }

  /** Installs them. */
  Keepers in(Path programs, ControlGroups groups, Executor waiters) throws IOException {
    return Keepers.in(
        programs,
        Optional.of(form),
        groups,
        waiters,
        this == FORKED ? Optional.of(PATIENCE) : Optional.empty());
  }

  void mustBeThere() {
    mustBeThere(form);
  }

  /** Skips what tries the native keeper where it could not be built. */
  static void mustBeThere(Form form) {
    Missing.unless(
        form == Form.SHELL || IS_NATIVE_BUILT,
        "no C compiler was there when this was built, so the native keeper is not tested");
  }
}
