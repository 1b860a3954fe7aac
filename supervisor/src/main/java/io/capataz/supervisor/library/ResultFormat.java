package io.capataz.supervisor.library;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The forms in which a call's result is returned. */
enum ResultFormat {
  /** JSON, in the response's {@code data}. */
  JSON,
  /** A table, as an Arrow IPC stream. */
  ARROW;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> words() {
    return Arrays.stream(values()).map(ResultFormat::word).toList();
  }

  static Optional<ResultFormat> named(String word) {
    return Arrays.stream(values()).filter(format -> format.word().equals(word)).findFirst();
  }
}
