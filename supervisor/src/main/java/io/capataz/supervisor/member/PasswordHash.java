package io.capataz.supervisor.member;

/**
 * The stored hash of a password.
 *
 * @param encoded Argon2id's own form, with salt and cost
 */
record PasswordHash(String encoded) {
  @Override
  public String toString() {
    return "[hash]";
  }
}
