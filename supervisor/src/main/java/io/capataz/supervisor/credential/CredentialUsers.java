package io.capataz.supervisor.credential;

import java.util.List;

/** Finds the tasks that use a credential, so that a credential in use is not removed. */
public interface CredentialUsers {

  /** The names of tasks that use the credential, the first few. */
  List<String> tasksUsing(String organization, String credential);
}
