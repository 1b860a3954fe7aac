package io.capataz.supervisor.run;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.parameter.Parameter;
import java.util.List;

/**
 * What schedules, webhooks and events start: a task or a workflow.
 *
 * @param kind {@code task} or {@code workflow}
 * @param enabled whether it may be started now
 * @param parameters what a run of it may be given
 * @param acl who may see it, besides administrators
 */
public record Startable(
    String kind,
    String organization,
    String id,
    String name,
    boolean enabled,
    List<Parameter> parameters,
    Acl acl) {
  public Startable {
    parameters = List.copyOf(parameters);
  }
}
