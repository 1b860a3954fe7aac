package io.capataz.supervisor.credential;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a task passes a credential to its scripts: the variables for its parts.
 *
 * @param credential the credential's id
 * @param env the variable for its text
 * @param fileEnv the variable for the path of a file with its content
 * @param userEnv the variable for the user name of a pair
 * @param passwordEnv the variable for the password of a pair
 */
public record CredentialUse(
    String credential,
    @Nullable String env,
    @Nullable String fileEnv,
    @Nullable String userEnv,
    @Nullable String passwordEnv) {

  /** The names of all variables it sets. */
  public List<String> variables() {
    return Stream.of(env, fileEnv, userEnv, passwordEnv).filter(Objects::nonNull).toList();
  }
}
