package io.capataz.supervisor.task;

import io.capataz.supervisor.access.AccessKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A definition of what can be run (seed 004, "Propiedades del Modelo").
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param name what people call it
 * @param description what it does, for people
 * @param tags labels for finding it
 * @param host where it runs
 * @param script what it runs
 * @param parameters what it can be given, by order
 * @param environment variables of every run
 * @param timeout after this long a run gets SIGTERM
 * @param grace after this much longer, SIGKILL
 * @param secretKeyHash what is kept of its secret key
 * @param created when
 * @param updated when it was last changed
 */
@Document("tasks")
public record Task(
    @Id String id,
    String organization,
    String name,
    @Nullable String description,
    List<String> tags,
    String host,
    String script,
    List<Parameter> parameters,
    Map<String, String> environment,
    Duration timeout,
    Duration grace,
    String secretKeyHash,
    Instant created,
    Instant updated) {

  /** How long a run may take where the task does not say (seed 004: 600 seconds). */
  static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);

  static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

  public Task {
    tags = List.copyOf(tags);
    parameters = List.copyOf(parameters);
    environment = Map.copyOf(environment);
  }

  /** Whether {@code key} may start this task. */
  boolean opensWith(AccessKey key) {
    return key.kind() == AccessKey.Kind.SK && key.matches(secretKeyHash);
  }
}
