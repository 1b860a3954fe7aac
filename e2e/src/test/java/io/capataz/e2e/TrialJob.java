package io.capataz.e2e;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** One job from its post to its end, so that every process of a fleet has done what it is for. */
final class TrialJob {

  private TrialJob() {}

  static void run(Fleet fleet) {
    JsonNode task =
        fleet.createTask(fleet.agents().getFirst(), "trial", "#!/bin/sh\necho hello\n", Map.of());
    String job = fleet.api().ask(Fleet.run(task, List.of())).json().path("id").asString();
    Awaitility.await("the trial job has ended")
        .atMost(90, TimeUnit.SECONDS)
        .until(() -> fleet.api().job(job).hasNonNull("ended"));
  }
}
