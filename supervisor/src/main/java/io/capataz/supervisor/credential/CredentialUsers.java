package io.capataz.supervisor.credential;

import java.util.List;

/** Tells which tasks use a credential, so that none is removed under them. */
public interface CredentialUsers {

  /** The names of tasks that use the credential, the first few. */
  List<String> tasksUsing(String organization, String credential);
}
