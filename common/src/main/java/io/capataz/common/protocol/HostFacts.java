package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

/**
 * What a host reports about itself. For people only; no decision depends on it.
 *
 * @param os operating system and version, such as {@code Linux 6.12}
 * @param arch processor architecture, such as {@code amd64}
 * @param cpus processors the agent may use
 * @param memory physical memory in bytes
 * @param user the operating-system user the agent runs as
 * @param version the agent's version
 */
public record HostFacts(
    String os, String arch, int cpus, long memory, String user, String version) {
  public HostFacts {
    os = cut(os);
    arch = cut(arch);
    user = cut(user);
    version = cut(version);
  }

  /** Longer texts would only fill the store and the page. */
  private static final int LONGEST = 200;

  private static String cut(String text) {
    return requireNonNull(text).length() <= LONGEST ? text : text.substring(0, LONGEST);
  }
}
