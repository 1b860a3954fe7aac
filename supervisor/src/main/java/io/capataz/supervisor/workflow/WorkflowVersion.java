package io.capataz.supervisor.workflow;

import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;
import tools.jackson.databind.JsonNode;

/**
 * What a workflow said before it was changed or removed. Its runs go on by it.
 *
 * @param id the workflow's id and the number, so that a version is stored once
 * @param workflow the workflow's id
 */
@Document("workflow_versions")
record WorkflowVersion(@Id String id, String organization, String workflow, JsonNode definition) {

  static WorkflowVersion of(Workflow workflow) {
    return new WorkflowVersion(
        id(workflow.id(), workflow.version()),
        workflow.organization(),
        workflow.id(),
        workflow.definition());
  }

  static String id(String workflow, int version) {
    return workflow + ":" + version;
  }
}
