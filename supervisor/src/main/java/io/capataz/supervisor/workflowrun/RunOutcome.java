package io.capataz.supervisor.workflowrun;

import java.util.List;

/**
 * What came of a run that has ended.
 *
 * @param state {@code success}, {@code failure}, {@code timeout} or {@code canceled}
 * @param output of the step that ended last and led to no other
 * @param failed what failed it, and may be tried again
 */
record RunOutcome(String state, List<String> output, List<Unit> failed) {
  RunOutcome {
    output = List.copyOf(output);
    failed = List.copyOf(failed);
  }
}
