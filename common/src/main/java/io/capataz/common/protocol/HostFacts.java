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
    requireNonNull(os);
    requireNonNull(arch);
    requireNonNull(user);
    requireNonNull(version);
  }
}
