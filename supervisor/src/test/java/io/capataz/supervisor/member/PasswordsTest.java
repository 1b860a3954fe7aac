package io.capataz.supervisor.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.web.ApiProblem;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Passwords are hashed slowly, and only a few at once. */
class PasswordsTest {

  private static final Secret PASSWORD = Secret.of("correct horse battery");

  @Test
  void a_hash_is_argon2id_salted_and_tells_nothing() {
    var passwords = new Passwords();

    var hash = passwords.hash(PASSWORD);

    assertThat(hash.encoded()).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    assertThat(passwords.hash(PASSWORD)).isNotEqualTo(hash);
    assertThat(hash.toString()).isEqualTo("[hash]");
    assertThat(passwords.matches(PASSWORD, hash)).isTrue();
    assertThat(passwords.matches(Secret.of("correct horse batterz"), hash)).isFalse();
    assertThat(passwords.matches(PASSWORD, null)).isFalse();
  }

  @Test
  void nobody_costs_as_much_as_somebody() {
    var seen =
        new Object() {
          @Nullable String hash;
        };
    var passwords =
        new Passwords(
            new PasswordEncoder() {
              @Override
              public String encode(@Nullable CharSequence raw) {
                return "";
              }

              @Override
              public boolean matches(@Nullable CharSequence raw, @Nullable String encoded) {
                seen.hash = encoded;
                return true;
              }
            },
            1,
            0);

    assertThat(passwords.matches(PASSWORD, null)).isFalse();
    assertThat(seen.hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
  }

  @Test
  void when_all_places_are_taken_the_next_is_told_to_wait() throws Exception {
    var hashing = new CountDownLatch(1);
    var enough = new CountDownLatch(1);
    var passwords =
        new Passwords(
            new PasswordEncoder() {
              @Override
              public String encode(@Nullable CharSequence raw) {
                hashing.countDown();
                try {
                  enough.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return "hash";
              }

              @Override
              public boolean matches(@Nullable CharSequence raw, @Nullable String encoded) {
                return false;
              }
            },
            1,
            1);
    try (var others = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = others.submit(() -> passwords.hash(PASSWORD));
      hashing.await();

      assertThatThrownBy(() -> passwords.matches(PASSWORD, null))
          .isInstanceOfSatisfying(
              ApiProblem.class,
              problem -> {
                assertThat(problem.status().value()).isEqualTo(429);
                assertThat(problem.retryAfter()).isPresent();
              });

      enough.countDown();
      assertThat(first.get().encoded()).isEqualTo("hash");
      assertThat(passwords.matches(PASSWORD, null)).isFalse();
    }
  }
}
