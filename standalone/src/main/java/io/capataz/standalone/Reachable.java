package io.capataz.standalone;

/**
 * A store or broker that is up.
 *
 * @param setting the supervisor's setting; may contain a password
 * @param shown what is shown to people
 */
record Reachable(String setting, String shown) {

  /** Without what may hold a password. */
  @Override
  public String toString() {
    return shown;
  }
}
