package io.capataz.supervisor.access;

import io.capataz.supervisor.web.FieldReader;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The roles, from least to most powerful (seed 004, column ACL). Each includes the ones before it.
 */
public enum Role {
  VIEWER,
  USER,
  AGENT,
  MANAGER,
  ADMIN,
  INTEGRATION,
  OWNER;

  /** Its name on the wire, such as {@code manager}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Its name and those of the roles it includes. An ACL that names a role means those above, too.
   */
  List<String> words() {
    return Arrays.stream(values()).filter(this::covers).map(Role::word).toList();
  }

  /** The lower of two roles. */
  public Role atMost(Role other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /** Reads a role field. */
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

  /** Whether this role includes {@code needed}. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }
}
