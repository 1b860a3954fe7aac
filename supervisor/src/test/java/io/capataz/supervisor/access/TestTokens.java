package io.capataz.supervisor.access;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.organization.Organizations;

/** Integration tokens of any organization and role, without asking the API for them. */
public final class TestTokens {

  private TestTokens() {}

  /** A new token; the organization is made if need be. */
  public static String issue(TestSupervisor supervisor, String organization, Role role) {
    supervisor.context().getBean(Organizations.class).ensure(organization);
    var issued = AccessKey.issue(AccessKey.Kind.IT);
    supervisor
        .context()
        .getBean(IntegrationTokens.class)
        .keep(issued.key(), organization, "test", role);
    return issued.text().reveal();
  }

  /** A key of a task's secret kind that opens nothing. */
  public static String strangeSecretKey() {
    return AccessKey.issue(AccessKey.Kind.SK).text().reveal();
  }
}
