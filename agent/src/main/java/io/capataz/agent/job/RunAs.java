package io.capataz.agent.job;

import io.capataz.agent.host.ThisHost;
import io.capataz.agent.process.Account;
import io.capataz.agent.process.Accounts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The user and the command that run a script: what the {@code run_as} of a task means on this host.
 *
 * @param user the user name, or the whole template, as checked by the host policy
 * @param account the user that the keeper switches to; empty for the agent's own user
 * @param template the words of the command that runs the script, one of which contains {@link
 *     #SCRIPT}; empty to run the script directly
 */
record RunAs(String user, Optional<Account> account, List<String> template) {

  /** Placeholder for the script's path in a template. */
  static final String SCRIPT = "%script%";

  private static final int ROOT = 0;

  /** This host refuses to run the script. The message is a sentence. */
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
   * Resolves {@code runAs} on this host.
   *
   * <p>An agent that is root runs nothing as root unless the owner of the host says so: by the
   * agent's setting, or by listing root, or the template, in the policy.
   *
   * @param runAs null or blank for the default of this host
   * @param path the search path for programs
   * @param users the default of this host
   * @param isListed whether the host policy lists a user or a template
   */
  static RunAs of(
      @Nullable String runAs, String path, ScriptUsers users, Predicate<String> isListed)
      throws Refused, CannotStart {
    if (runAs == null || runAs.isBlank()) {
      boolean asAgent = isListed.test("root") && !isListed.test(ScriptUsers.OWN);
      var account = asAgent ? Optional.<Account>empty() : users.take();
      var user =
          account
              .map(taken -> users.isOwn(taken) ? ScriptUsers.OWN : taken.name())
              .orElseGet(ThisHost::user);
      return new RunAs(user, account, List.of());
    }
    if (runAs.contains(SCRIPT)) {
      var words = new ArrayList<String>(words(runAs));
      words.set(
          0,
          words.getFirst().equals(SCRIPT) ? SCRIPT : Interpreters.program(words.getFirst(), path));
      return new RunAs(runAs, isListed.test(runAs) ? Optional.empty() : users.take(), words);
    }
    return switch (Accounts.byName(runAs.strip())) {
      case Accounts.Answer.Refused(String why) -> throw new Refused(why);
      case Accounts.Answer.Found(Account account) ->
          of(account, users.allowsRoot() || isListed.test(account.name()));
    };
  }

  private static RunAs of(Account account, boolean mayBeRoot) throws Refused {
    int own = ThisHost.userNumber();
    if (account.user() == own) {
      if (own == ROOT && !mayBeRoot) {
        throw new Refused(
            "Scripts do not run as root on this host, unless its owner lists `"
                + account.name()
                + "` in the policy (rule `users`) or starts the agent with --run-as agent.");
      }
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

  /** Whether the keeper switches to root. */
  boolean becomesRoot() {
    return account.isPresent() && account.get().user() == ROOT;
  }

  /** The program that the template starts. */
  Optional<String> program() {
    return template.isEmpty() || template.getFirst().equals(SCRIPT)
        ? Optional.empty()
        : Optional.of(template.getFirst());
  }

  /** The command before the script's arguments; empty without a template. */
  List<String> argvFor(Path script) {
    return template.stream().map(word -> word.replace(SCRIPT, script.toString())).toList();
  }

  /**
   * Splits words like a shell: at blanks, with quotes and backslashes. No other shell syntax is
   * interpreted.
   */
  private static List<String> words(String text) throws Refused {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
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
