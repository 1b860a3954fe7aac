package io.capataz.supervisor.documentation;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What a schema cannot say: which fields go together, and what ids there are. */
final class Fitting {

  private Fitting() {}

  /** Makes a body that fits its schema one that may well be done. */
  static void meant(String path, ObjectNode body, Nonsense nonsense, Tenant own) {
    body.remove("access_token");
    if (body.has("customer")) {
      body.put("customer", own.name());
    }
    if (path.endsWith("/task") || path.endsWith("/task/{id}")) {
      body.remove("host");
      body.remove("hosts");
      body.remove("host_ids");
      body.remove("interpreter");
      body.remove("pool");
      body.remove("script_id");
      body.remove("concurrency_key");
      body.remove("concurrency_limit");
      body.put("host_id", own.object("host"));
      body.putObject("script").put("filename", "x.sh").put("content", "exit 0");
      if (nonsense.chance(0.7)) {
        body.remove("on_lost");
        body.remove("multitasking");
        body.remove("run_as");
        body.remove("env");
        body.remove("masked_env");
        body.remove("task_arguments");
      }
    }
    if (path.equals("/job") || path.endsWith("}/job") || path.contains("/secret/{key}")) {
      body.put("task", own.object("task"));
      body.put("customer", own.name());
      body.remove("start_by");
      if (nonsense.chance(0.8)) {
        body.remove("task_arguments");
      }
    }
    if (path.endsWith("/batch")) {
      body.putArray("runs").addObject().put("priority", 1);
    }
    if (path.endsWith("/restart") || path.endsWith("/input")) {
      body.remove("start_by");
      body.remove("task_arguments");
      body.putArray("args");
      if (path.endsWith("/restart")) {
        body.remove("args");
      }
    }
    if (body.has("password") && nonsense.chance(0.9)) {
      body.remove("password"); // To hash one is meant to be slow.
    }
    if (body.has("expires")) {
      body.put("expires", "2999-01-01T00:00:00Z");
    }
    if (body.has("email")) {
      body.put("email", "p" + nonsense.any(List.of(1, 2, 3, 4, 5)) + "@example.org");
    }
    if (body.has("role")) {
      body.put("role", "viewer");
    }
    body.remove("credential");
    if (body.has("hosts") && path.contains("/pool")) {
      body.remove("labels");
      body.putArray("hosts").add(own.object("host"));
    }
  }
}
