package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Acl;
import java.time.Instant;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;
import tools.jackson.databind.JsonNode;

/**
 * An imported graph of tasks.
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param name its name for people
 * @param acl who may see it, besides administrators
 * @param definition the workflow in the words of a recipe: {@code graph}, {@code start_task_id},
 *     and {@code tasks}, of which those that run here are named by {@code task_id} and the others
 *     stand in full
 * @param created when
 */
@Document("workflows")
public record Workflow(
    @Id String id,
    String organization,
    String name,
    Acl acl,
    JsonNode definition,
    Instant created) {
  public Workflow {}
}
