package io.capataz.agent.process;

import java.util.List;

/**
 * A user of this host, as in its user database. Ids are unsigned 32-bit numbers.
 *
 * @param name as written in the user database
 * @param user the uid
 * @param group the primary gid
 * @param groups all gids, including the primary one
 * @param home the home directory, which may not exist
 */
public record Account(String name, int user, int group, List<Integer> groups, String home) {

  /** For the system calls that change ids, this value means no change. */
  static final int NO_CHANGE = -1;

  public Account {
    groups = List.copyOf(groups);
    if (user == NO_CHANGE || group == NO_CHANGE || groups.contains(NO_CHANGE)) {
      throw new IllegalArgumentException("`" + name + "` has an id that no process can run under.");
    }
  }
}
