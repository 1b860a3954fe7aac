package io.capataz.cli.migrate;

import io.capataz.cli.terminal.Failure;
import io.capataz.cli.verb.Call;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where imported tasks run.
 *
 * @param field {@code host} or {@code pool}
 */
record Target(String field, String name) {

  static Target of(Call call) {
    if (call.has("host") == call.has("pool")) {
      throw Failure.usage("Say where the tasks run: --host NAME or --pool NAME.");
    }
    return call.option("host")
        .map(name -> new Target("host", name))
        .orElseGet(() -> new Target("pool", call.option("pool").orElseThrow()));
  }

  void putInto(ObjectNode task) {
    task.put(field, name);
  }

  @Override
  public String toString() {
    return field + " " + name;
  }
}
