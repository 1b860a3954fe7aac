package io.capataz.agent.journal;

import io.capataz.common.protocol.AttemptId;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that writes a journal with several threads until it is killed. It prints what it is
 * about to do and what it has done.
 */
final class JournalWriter {

  private static final int THREADS = 3;

  /** Small enough to be killed during compaction, too. */
  static final int SMALL = 2000;

  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private JournalWriter() {}

  public static void main(String[] arguments) throws IOException {
    var round = arguments[1];
    var journal = RunJournal.open(Path.of(arguments[0]), JournalDisk.REAL, SMALL);
    for (int i = 0; i < THREADS; i++) {
      var name = round + "-" + i;
      Thread.ofPlatform().start(() -> write(journal, name));
    }
  }

  private static void write(RunJournal journal, String name) {
    try {
      for (int i = 0; ; i++) {
        var claim = name + "-" + i;
        var first = new AttemptId(claim + "-a", 1);
        var second = new AttemptId(claim + "-b", 1);
        journal.claiming(claim);
        say("claimed", claim);
        if (i % 20 == 19) {
          continue;
        }
        say("answering", claim);
        journal.granted(claim, List.of(first, second));
        journal.starting(first, claim, first.job());
        say("started", first.job());
        say("ending", first.job());
        journal.over(first, claim);
        say("ended", first.job());
        journal.starting(second, claim, second.job());
        say("started", second.job());
        if (i % 20 != 10) {
          say("ending", second.job());
          journal.over(second, claim);
          say("ended", second.job());
        }
      }
    } catch (IOException e) {
      say("failed", e.toString());
      Runtime.getRuntime().halt(1);
    }
  }

  private static void say(String what, String of) {
    OUT.print(what + " " + of + "\n");
    OUT.flush();
  }
}
