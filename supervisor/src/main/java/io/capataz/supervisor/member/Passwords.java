package io.capataz.supervisor.member;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords with Argon2id, which is slow on purpose. Only a few at a time, because each
 * takes a processor and 19 MiB: logins must not be able to stop other work.
 */
@Component
class Passwords {

  static final int SHORTEST = 12;
  static final int LONGEST = 200;

  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int MEMORY_KIB = 19 * 1024;
  private static final int ITERATIONS = 2;

  /** A hash that no password has, so that an unknown address takes as long as a known one. */
  private static final PasswordHash NOBODYS =
      new PasswordHash(
          "$argon2id$v=19$m="
              + MEMORY_KIB
              + ",t="
              + ITERATIONS
              + ",p=1$"
              + "A".repeat(22)
              + "$"
              + "A".repeat(43));

  private final PasswordEncoder encoder;
  private final Semaphore places;
  private final long patience;

  Passwords() {
    this(
        new Argon2PasswordEncoder(SALT_BYTES, HASH_BYTES, 1, MEMORY_KIB, ITERATIONS),
        Math.max(2, Runtime.getRuntime().availableProcessors()),
        2_000);
  }

  /**
   * @param places how many passwords are hashed at once
   * @param patience how many milliseconds a caller waits for its turn
   */
  Passwords(PasswordEncoder encoder, int places, long patience) {
    this.encoder = encoder;
    this.places = new Semaphore(places);
    this.patience = patience;
  }

  /** Reads a new password and checks its length. */
  static Optional<Secret> read(FieldReader fields, String name) {
    return fields
        .text(name, LONGEST)
        .flatMap(
            text -> {
              if (text.length() < SHORTEST || text.isBlank()) {
                fields.wrong(
                    name,
                    "wrong_length",
                    "must have " + SHORTEST + " to " + LONGEST + " characters.");
                return Optional.empty();
              }
              return Optional.of(Secret.of(text));
            });
  }

  PasswordHash hash(Secret password) {
    return inPlace(
        () -> {
          var encoded = encoder.encode(password.reveal());
          if (encoded == null) {
            throw new IllegalStateException("A password has no hash.");
          }
          return new PasswordHash(encoded);
        });
  }

  /** Whether the password matches the hash; takes as long without a hash. */
  boolean matches(Secret password, @Nullable PasswordHash kept) {
    return inPlace(
            () -> encoder.matches(password.reveal(), (kept == null ? NOBODYS : kept).encoded()))
        && kept != null;
  }

  private <T> T inPlace(Supplier<T> work) {
    try {
      if (!places.tryAcquire(patience, TimeUnit.MILLISECONDS)) {
        throw ApiProblem.tooMany("Too many logins at the moment. Retry in a few seconds.", 2);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw ApiProblem.unavailable("The supervisor is stopping.");
    }
    try {
      return work.get();
    } finally {
      places.release();
    }
  }
}
