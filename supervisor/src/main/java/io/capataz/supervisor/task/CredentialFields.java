package io.capataz.supervisor.task;

import io.capataz.supervisor.credential.Credential;
import io.capataz.supervisor.credential.CredentialUse;
import io.capataz.supervisor.credential.Credentials;
import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads {@code credentials}: which stored credentials a task passes to its scripts, and in which
 * variables. Whoever can change tasks can see every credential of the organization; see {@code
 * Acl}.
 */
@Component
class CredentialFields {

  private static final int MOST = 50;

  private final Credentials credentials;

  CredentialFields(Credentials credentials) {
    this.credentials = credentials;
  }

  /**
   * The uses, in the order sent.
   *
   * @param variables the task's own, whose names are taken
   */
  List<CredentialUse> read(String organization, FieldReader fields, Map<String, String> variables) {
    var uses = new ArrayList<CredentialUse>();
    var taken = new HashSet<String>(variables.keySet());
    fields.objects(
        "credentials",
        MOST,
        item -> {
          var idOrName = item.requiredText("credential", 100);
          item.ignoring("name", "type");
          var env = variable(item, "env", taken);
          var fileEnv = variable(item, "file_env", taken);
          var userEnv = variable(item, "user_env", taken);
          var passwordEnv = variable(item, "password_env", taken);
          if (idOrName.isEmpty()) {
            return;
          }
          var known = credentials.named(organization, idOrName);
          if (known.isEmpty()) {
            item.wrong(
                "credential",
                "not_found",
                "must be the id or name of an existing credential; see GET /"
                    + organization
                    + "/credential.");
            return;
          }
          var credential = known.get();
          var use = new CredentialUse(credential.id(), env, fileEnv, userEnv, passwordEnv);
          check(item, credential, use);
          uses.add(use);
        });
    return uses;
  }

  private static void check(FieldReader item, Credential credential, CredentialUse use) {
    var fits =
        switch (credential.kind()) {
          case TEXT -> use.userEnv() == null && use.passwordEnv() == null;
          case FILE -> use.env() == null && use.userEnv() == null && use.passwordEnv() == null;
          case PAIR -> use.env() == null && use.fileEnv() == null;
        };
    if (!fits || use.variables().isEmpty()) {
      item.wrong(
          "credential",
          "wrong_use",
          "must be used as a "
              + credential.kind().wire()
              + switch (credential.kind()) {
                case TEXT -> ": set env or file_env to the name of its variable.";
                case FILE -> ": set file_env to the name of the variable for its path.";
                case PAIR -> ": set user_env and password_env to the names of its variables.";
              });
    }
  }

  private static @Nullable String variable(FieldReader item, String name, Set<String> taken) {
    var variable = item.text(name, 200).orElse(null);
    if (variable != null) {
      Environment.checkName(variable)
          .ifPresent(wrong -> item.wrong(name, "invalid_name", "'" + variable + "' " + wrong));
      if (!taken.add(variable)) {
        item.wrong(name, "conflict", "must not be set twice, here or in env: '" + variable + "'.");
      }
    }
    return variable;
  }
}
