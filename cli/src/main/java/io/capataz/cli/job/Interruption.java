package io.capataz.cli.job;

import io.capataz.cli.terminal.Terminal;

/** Says on Ctrl-C that a job goes on, because a person who stops waiting may think otherwise. */
final class Interruption {

  private Interruption() {}

  static Thread explained(Terminal terminal, String id) {
    Thread atExit =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  terminal.progress("");
                  terminal.say(sentence(id));
                });
    Runtime.getRuntime().addShutdownHook(atExit);
    return atExit;
  }

  static String sentence(String id) {
    return "Job %s goes on. To see it: capataz job logs -f %s. To end it: capataz job cancel %s"
        .formatted(id, id, id);
  }

  static void isOver(Thread atExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // It is being said already.
    }
  }
}
