package io.capataz.supervisor.organization;

import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * The tenant that owns everything else; {@code customer} on the wire (seed 004).
 *
 * @param name unique, part of every path, never changed
 * @param created when
 */
@Document("organizations")
public record Organization(@Id String name, Instant created) {

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?=[A-Za-z0-9])){2,63}");

  /** First path segments of routes; an organization with such a name could not be addressed. */
  private static final Set<String> RESERVED =
      Set.of(
          "agent",
          "api",
          "asyncapi.json",
          "console",
          "credential",
          "customer",
          "docs",
          "event",
          "file",
          "fleet",
          "host",
          "inbox",
          "indicator",
          "install",
          "install.sh",
          "job",
          "livez",
          "llms.txt",
          "login",
          "logout",
          "member",
          "metrics",
          "monitor",
          "openapi.json",
          "pool",
          "readyz",
          "recipe",
          "resource",
          "schedule",
          "scheduler",
          "script",
          "sdk",
          "secret",
          "session",
          "status",
          "tag",
          "task",
          "token",
          "user",
          "v1",
          "webhook",
          "workflow",
          "workflows",
          "ws");

  public Organization {
    if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' is not a valid organization name. It must have 3 to 64 letters, digits and"
              + " single '.', '_' or '-' between them, and must not be the first segment of a"
              + " route.");
    }
  }
}
