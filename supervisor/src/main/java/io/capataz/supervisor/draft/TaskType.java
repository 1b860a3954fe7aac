package io.capataz.supervisor.draft;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a drafted function gets and returns; the first two words are those of seed 003. */
enum TaskType {
  /** Makes data from what a user enters. */
  INPUT("It returns a table. It gets no data but its user inputs; there is no input1."),
  /** Takes the data of another task. */
  PASSTHROUGH("Its last parameter is input1, a table. It returns a table."),
  /** Is called for each row. */
  MAP("Its last parameter is input1, one row as a dict. It returns one row as a dict."),
  /** Is called for each row, and says whether it stays. */
  FILTER("Its last parameter is input1, one row as a dict. It returns True to keep the row."),
  /** Makes one row of all. */
  AGGREGATE("Its last parameter is input1, a table. It returns one row as a dict.");

  private final String contract;

  TaskType(String contract) {
    this.contract = contract;
  }

  /** What the model is told. */
  String contract() {
    return contract;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean takesData() {
    return this != INPUT;
  }

  static Optional<TaskType> named(String word) {
    return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
  }
}
