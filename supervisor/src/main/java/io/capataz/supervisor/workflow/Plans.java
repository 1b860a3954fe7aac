package io.capataz.supervisor.workflow;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** Plans that were read lately. A version never changes, so that they stay valid. */
final class Plans {

  private static final int MOST = 200;

  private final Map<String, Plan> recent =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Plan> eldest) {
          return size() > MOST;
        }
      };

  Optional<Plan> get(String version, Supplier<Optional<JsonNode>> read) {
    synchronized (recent) {
      var known = recent.get(version);
      if (known != null) {
        return Optional.of(known);
      }
    }
    var plan = read.get().map(WorkflowFields::stored);
    plan.ifPresent(
        it -> {
          synchronized (recent) {
            recent.put(version, it);
          }
        });
    return plan;
  }
}
