package io.capataz.agent.job;

import io.capataz.agent.host.ThisHost;
import io.capataz.agent.process.Account;
import io.capataz.agent.process.Accounts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * As whom, and through which command, a script runs: what a task's {@code run_as} comes to on this
 * host.
 *
 * @param user the word for it that the host's policy lists: a user's name, or the whole template
 * @param account whom the keeper turns the script into; empty: it stays with the agent's own user
 * @param template the words of the command it is run by, of which one holds {@link #SCRIPT}; empty:
 *     it is run as it is
 */
record RunAs(String user, Optional<Account> account, List<String> template) {

  /** Where the script's path goes in a template. */
  static final String SCRIPT = "%script%";

  private static final int ROOT = 0;

  /** This host does not run it; the message is a sentence that says why. */
  static final class Refused extends Exception {

    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  RunAs {
    template = List.copyOf(template);
  }

  /**
   * What {@code runAs} comes to.
   *
   * @param runAs null or blank: the agent's own user
   * @param path the folders in which programs are looked for
   */
  static RunAs of(@Nullable String runAs, String path) throws Refused, CannotStart {
    if (runAs == null || runAs.isBlank()) {
      return new RunAs(ThisHost.user(), Optional.empty(), List.of());
    }
    if (runAs.contains(SCRIPT)) {
      List<String> words = new ArrayList<>(words(runAs));
      words.set(
          0,
          words.getFirst().equals(SCRIPT) ? SCRIPT : Interpreters.program(words.getFirst(), path));
      return new RunAs(runAs, Optional.empty(), words);
    }
    return switch (Accounts.byName(runAs.strip())) {
      case Accounts.Answer.Refused(String why) -> throw new Refused(why);
      case Accounts.Answer.Found(Account account) -> of(account);
    };
  }

  private static RunAs of(Account account) throws Refused {
    int own = ThisHost.userNumber();
    if (account.user() == own) {
      return new RunAs(account.name(), Optional.empty(), List.of());
    }
    if (own != ROOT) {
      throw new Refused(
          "The agent runs as `"
              + ThisHost.user()
              + "` and cannot switch to `"
              + account.name()
              + "`. Run the agent as root, or use a template such as `sudo -n -u "
              + account.name()
              + " %script%` that the sudoers file of the host allows.");
    }
    return new RunAs(account.name(), Optional.of(account), List.of());
  }

  /** Whether a script becomes root that would not be without. */
  boolean becomesRoot() {
    return account.isPresent() && account.get().user() == ROOT;
  }

  /** The program that a template starts. */
  Optional<String> program() {
    return template.isEmpty() || template.getFirst().equals(SCRIPT)
        ? Optional.empty()
        : Optional.of(template.getFirst());
  }

  /** The words before the script's arguments; none without a template. */
  List<String> argvFor(Path script) {
    return template.stream().map(word -> word.replace(SCRIPT, script.toString())).toList();
  }

  /**
   * Splits as a shell would, but does nothing else that a shell does: blanks divide, quotes and
   * backslashes keep together.
   */
  private static List<String> words(String text) throws Refused {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != '\'' && c == '\\' && i + 1 < text.length()) {
        word.append(text.charAt(++i));
        inWord = true;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else if (quote != 0) {
        word.append(c);
      } else if (c == '\'' || c == '"') {
        quote = c;
        inWord = true;
      } else if (c == ' ' || c == '\t' || c == '\n') {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quote != 0) {
      throw new Refused("Unclosed quote in the template `" + text + "`.");
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
