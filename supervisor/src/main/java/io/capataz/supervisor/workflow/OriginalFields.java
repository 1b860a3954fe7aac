package io.capataz.supervisor.workflow;

import java.util.Set;

/** The fields of a workflow of seed 004's system, as it sends and exports them. */
public final class OriginalFields {

  /** Those that say where a workflow is, or what it was there. */
  public static final Set<String> OF_ITS_PLACE =
      Set.of(
          "access_token",
          "creation_date",
          "customer",
          "customer_id",
          "customer_name",
          "id",
          "last_update",
          "lifecycle",
          "secret",
          "start_task",
          "state");

  /** Those that are kept as they are. */
  public static final Set<String> KEPT =
      Set.of(
          "_type",
          "allows_dynamic_settings",
          "assigned_users",
          "autoremove_completed_jobs",
          "autoremove_completed_jobs_limit",
          "description",
          "empty_viewers",
          "global_constants",
          "graph",
          "icon_color",
          "icon_image",
          "logger",
          "multitasking",
          "notify",
          "order",
          "short_description",
          "stack_scheduled_executions",
          "start_task_id",
          "table_view",
          "tags",
          "tasks",
          "user_inputs",
          "user_inputs_members",
          "version");

  private OriginalFields() {}
}
