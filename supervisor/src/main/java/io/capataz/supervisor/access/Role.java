package io.capataz.supervisor.access;

/**
 * What a caller may do, from little to all (seed 004, column ACL). Each may do what those before it
 * may.
 */
public enum Role {
  VIEWER,
  USER,
  AGENT,
  MANAGER,
  ADMIN,
  INTEGRATION,
  OWNER;

  /** Whether this role may do what {@code needed} may. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }
}
