package io.capataz.supervisor.access;

import io.capataz.supervisor.web.FieldReader;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

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

  /** Its name on the wire, as {@code manager}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The lesser of two roles. */
  public Role atMost(Role other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /** Reads a field that names a role. */
  public static Optional<Role> read(FieldReader fields, String name) {
    return fields
        .text(name, 20)
        .flatMap(
            word -> {
              var role =
                  Arrays.stream(values())
                      .filter(r -> r.word().equals(word.toLowerCase(Locale.ROOT)))
                      .findFirst();
              if (role.isEmpty()) {
                fields.wrong(
                    name,
                    "unknown_role",
                    "must be one of "
                        + String.join(", ", Arrays.stream(values()).map(Role::word).toList())
                        + ".");
              }
              return role;
            });
  }

  /** Whether this role may do what {@code needed} may. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }
}
