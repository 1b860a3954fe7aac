package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.secretkey.KeyTarget;
import io.capataz.supervisor.task.EventId;
import java.time.Instant;
import java.util.List;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;
import tools.jackson.databind.JsonNode;

/**
 * A graph of tasks.
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param name its name for people
 * @param acl who may see it and its runs, besides administrators
 * @param definition the workflow in the words of a recipe: {@code graph}, {@code start_task_id},
 *     and {@code tasks}, of which those that run here are named by {@code task_id} and the others
 *     stand in full
 * @param start which events start it
 * @param version counts the changes of its definition, from 1
 * @param created when
 * @param updated when this version was made
 */
@Document("workflows")
public record Workflow(
    @Id String id,
    String organization,
    String name,
    Acl acl,
    JsonNode definition,
    Start start,
    int version,
    Instant created,
    Instant updated) {

  /** What this workflow's secret keys are issued for. */
  public KeyTarget keyTarget() {
    return new KeyTarget(organization, "workflow", id);
  }

  /**
   * Which events start it.
   *
   * @param triggers their ids
   * @param emitters what emits them, see {@link EventId}; derived, for an index
   */
  public record Start(List<String> triggers, List<String> emitters) {
    public Start {
      triggers = List.copyOf(triggers);
      emitters = List.copyOf(emitters);
    }

    static Start of(List<String> triggers) {
      return new Start(triggers, EventId.emittersOf(triggers));
    }
  }

  /** The same with another content. */
  Workflow changed(String otherName, Acl otherAcl, JsonNode other, Start by, Instant at) {
    return new Workflow(id, organization, otherName, otherAcl, other, by, version + 1, created, at);
  }

  /** The same, shown to others. */
  Workflow shownTo(Acl others) {
    return new Workflow(
        id, organization, name, others, definition, start, version, created, updated);
  }
}
