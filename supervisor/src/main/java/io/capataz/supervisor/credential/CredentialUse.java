package io.capataz.supervisor.credential;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a task gives a credential to its scripts: the variables that hold what.
 *
 * @param credential the credential's id
 * @param env holds its text
 * @param fileEnv holds the path of a file with its content
 * @param userEnv holds the user's name of a pair
 * @param passwordEnv holds the password of a pair
 */
public record CredentialUse(
    String credential,
    @Nullable String env,
    @Nullable String fileEnv,
    @Nullable String userEnv,
    @Nullable String passwordEnv) {

  /** The names of all variables that it sets. */
  public List<String> variables() {
    return Stream.of(env, fileEnv, userEnv, passwordEnv).filter(Objects::nonNull).toList();
  }
}
