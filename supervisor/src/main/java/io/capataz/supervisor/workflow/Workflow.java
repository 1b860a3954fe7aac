package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Acl;
import java.time.Instant;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;
import tools.jackson.databind.JsonNode;

/**
 * A graph of tasks, as it was imported.
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param name what people call it
 * @param acl who, below administrators, may see it
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
  public Workflow {
    acl = Acl.orNobody(acl);
  }
}
