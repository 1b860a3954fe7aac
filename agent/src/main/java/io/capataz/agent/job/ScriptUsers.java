package io.capataz.agent.job;

import io.capataz.agent.host.ThisHost;
import io.capataz.agent.process.Account;
import io.capataz.agent.process.Accounts;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Chooses the user for a script whose task has no {@code run_as}. A root agent gives each run its
 * own user id, so that a script can reach neither other runs nor the agent. An agent that is an
 * ordinary user runs scripts as itself.
 */
public final class ScriptUsers {

  /** The setting for a user of its own per run, and its name in the host policy. */
  public static final String OWN = "own";

  /** The setting for the agent's own user. */
  public static final String AGENT = "agent";

  /** The pattern of the setting: one of these words, a range of numbers, or a user name. */
  public static final String PATTERN = "own(:[0-9]{1,10}-[0-9]{1,10})?|[A-Za-z_][A-Za-z0-9._-]*";

  private static final Pattern RANGE = Pattern.compile("own:([0-9]{1,10})-([0-9]{1,10})");

  /** Neither assigned by distributions nor by systemd, and within the numbers of a container. */
  private static final long FIRST = 60_578;

  private static final long LAST = 61_183;

  private static final long HIGHEST = 4_294_967_294L;
  private static final int ROOT = 0;

  private final String setting;
  private final int agentsUser;
  private final long first;
  private final long last;
  private final Set<Integer> taken = new HashSet<>();
  private long next;

  private ScriptUsers(String setting, int agentsUser, long first, long last) {
    this.setting = setting;
    this.agentsUser = agentsUser;
    this.first = first;
    this.last = last;
    this.next = first;
  }

  /**
   * Reads the setting.
   *
   * @param agentsUser uid of the agent's user
   * @throws IllegalArgumentException with a sentence, if it is not valid
   */
  public static ScriptUsers of(String setting, int agentsUser) {
    if (!setting.matches(PATTERN)) {
      throw new IllegalArgumentException(
          "must be own, own:FROM-TO with two numbers, agent, or the name of a user.");
    }
    Matcher range = RANGE.matcher(setting);
    if (!range.matches()) {
      return new ScriptUsers(setting, agentsUser, FIRST, LAST);
    }
    long first = Long.parseLong(range.group(1));
    long last = Long.parseLong(range.group(2));
    if (first <= ROOT || last < first || last > HIGHEST) {
      throw new IllegalArgumentException(
          "must begin above 0 (root) and not end below its beginning or above " + HIGHEST + ".");
    }
    return new ScriptUsers(OWN, agentsUser, first, last);
  }

  /** Which user scripts run as, as a sentence for the log. */
  public String description() {
    var who =
        isAgentsOwn()
            ? "the agent's user `" + ThisHost.user() + "`"
            : setting.equals(OWN)
                ? "a user of its own, numbered " + first + " to " + last
                : "`" + setting + "`";
    return "a script whose task has no run_as runs as " + who;
  }

  /** Whether scripts run as the agent, so that the agent need not let others into its folders. */
  public boolean isAgentsOwn() {
    return setting.equals(AGENT)
        || setting.equals(ThisHost.user())
        || (agentsUser != ROOT && setting.equals(OWN));
  }

  /** Whether the setting lets scripts run as root. */
  boolean allowsRoot() {
    return isAgentsOwn() || setting.equals("root");
  }

  /**
   * The user for a run whose task has no {@code run_as}; empty for the agent's user. A run's own
   * user must be given back.
   */
  Optional<Account> take() throws CannotStart, RunAs.Refused {
    if (isAgentsOwn()) {
      return Optional.empty();
    }
    if (setting.equals(OWN)) {
      return Optional.of(takeOwn());
    }
    if (agentsUser != ROOT) {
      throw new RunAs.Refused(
          "The agent runs as `"
              + ThisHost.user()
              + "` and cannot run scripts as `"
              + setting
              + "`. Start it as root, or without --run-as.");
    }
    return switch (Accounts.byName(setting)) {
      case Accounts.Answer.Refused(String why) -> throw new RunAs.Refused(why);
      case Accounts.Answer.Found(Account account) -> Optional.of(account);
    };
  }

  private synchronized Account takeOwn() throws CannotStart {
    var alive = alive();
    for (long tries = first; tries <= last; tries++) {
      int user = (int) next;
      next = next == last ? first : next + 1;
      if (!alive.contains(user) && taken.add(user)) {
        return new Account(
            "capataz-" + Integer.toUnsignedString(user), user, user, List.of(user), "");
      }
    }
    throw new CannotStart(
        "All users for scripts of this host, "
            + first
            + " to "
            + last
            + ", are in use. Give the agent a longer range with --run-as own:FROM-TO.");
  }

  /** Whether this user belongs to one run only. */
  synchronized boolean isOwn(Account account) {
    return taken.contains(account.user());
  }

  /** Takes the user that owns a folder of a run that goes on, if it is the run's own. */
  synchronized Optional<Integer> takeAgain(Path folder) {
    return owner(folder).filter(user -> setting.equals(OWN) && isInRange(user)).filter(taken::add);
  }

  /** Gives the user of a run back, if it was its own. */
  synchronized void giveBack(int user) {
    taken.remove(user);
  }

  private boolean isInRange(int user) {
    long number = Integer.toUnsignedLong(user);
    return number >= first && number <= last;
  }

  /** Owners of live processes, also of other agents on this host. */
  private static Set<Integer> alive() {
    var users = new HashSet<Integer>();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      processes.forEach(process -> owner(process).ifPresent(users::add));
    } catch (IOException | DirectoryIteratorException e) {
      return users; // What is taken by this agent is known anyway.
    }
    return users;
  }

  private static Optional<Integer> owner(Path path) {
    try {
      return Optional.of((Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
