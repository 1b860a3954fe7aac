package io.capataz.agent.process;

import java.util.List;

/**
 * A user of this host, as its directory has it. Numbers are unsigned ones of 32 bits.
 *
 * @param name as the directory writes it
 * @param user its number
 * @param group the number of its first group
 * @param groups the numbers of all its groups, the first one among them
 * @param home its folder, which need not be there
 */
public record Account(String name, int user, int group, List<Integer> groups, String home) {

  /** To the system calls that change users, this number means to change nothing. */
  static final int NO_CHANGE = -1;

  public Account {
    groups = List.copyOf(groups);
    if (user == NO_CHANGE || group == NO_CHANGE || groups.contains(NO_CHANGE)) {
      throw new IllegalArgumentException("`" + name + "` has an id that no process can run under.");
    }
  }
}
