package io.capataz.supervisor.access;

import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A part of a role's permissions to which a token can be limited. Scopes are independent: write
 * does not include read. Routes that grant access (members, passwords, tokens) belong to no scope,
 * so that a limited token cannot create a more powerful one.
 */
public enum Scope {
  TASK_READ,
  TASK_RUN,
  TASK_WRITE,
  JOB_READ,
  JOB_WRITE,
  FILE_READ,
  FILE_WRITE,
  WORKFLOW_READ,
  WORKFLOW_WRITE,
  WEBHOOK_READ,
  WEBHOOK_WRITE,
  INDICATOR_READ,
  INDICATOR_WRITE,
  HOST_READ,
  HOST_WRITE,
  POOL_READ,
  POOL_WRITE,
  CREDENTIAL_READ,
  CREDENTIAL_WRITE,
  MEMBER_READ,
  AUDIT_READ,
  SESSION_READ;

  /** Its name on the wire, such as {@code task:run}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', ':');
  }

  /** Whether it is for routes that change something. */
  public boolean writes() {
    return name().endsWith("_WRITE");
  }

  /** Their names as one string, for people. */
  public static String words(List<Scope> scopes) {
    return scopes.stream().map(Scope::word).collect(Collectors.joining(", "));
  }

  /** Reads the field {@code scopes}; empty if it was not sent and the token is not limited. */
  public static Optional<List<Scope>> read(FieldReader fields) {
    var sent = fields.texts("scopes", values().length, 40);
    if (sent.isPresent() && sent.get().isEmpty()) {
      fields.wrong(
          "scopes",
          "empty",
          "must contain at least one scope. Leave it out for a token without restrictions.");
    }
    return sent.map(
        words -> {
          var scopes = new ArrayList<Scope>();
          for (var i = 0; i < words.size(); i++) {
            var word = words.get(i);
            var scope = Arrays.stream(values()).filter(s -> s.word().equals(word)).findFirst();
            if (scope.isEmpty()) {
              fields.wrong(
                  "scopes/" + i,
                  "unknown_scope",
                  "must be one of " + words(List.of(values())) + ".");
            }
            scope.ifPresent(scopes::add);
          }
          return scopes.stream().distinct().toList();
        });
  }
}
