package io.capataz.supervisor.task;

import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads {@code calls}: the tasks that the runs of a task may start. An id whose task does not exist
 * is accepted: a function may call itself, and be registered before those that it calls.
 */
final class CallFields {

  private static final String FIELD = "calls";
  private static final int MOST = 100;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{24}");

  private CallFields() {}

  /** The ids, each once; empty if none were sent. */
  static List<String> read(FieldReader fields) {
    var ids = fields.names(FIELD, MOST, 100).orElse(List.of());
    for (var i = 0; i < ids.size(); i++) {
      if (!ID.matcher(ids.get(i)).matches()) {
        fields.wrong(FIELD + "/" + i, "wrong_form", "must be the id of a task, see GET /task.");
      }
    }
    return ids.stream().distinct().toList();
  }
}
