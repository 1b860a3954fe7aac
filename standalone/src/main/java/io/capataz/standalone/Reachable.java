package io.capataz.standalone;

/**
 * A store or broker that is up.
 *
 * @param setting what the supervisor is told; may hold a password
 * @param shown what people are told
 */
record Reachable(String setting, String shown) {

  /** Without what may hold a password. */
  @Override
  public String toString() {
    return shown;
  }
}
