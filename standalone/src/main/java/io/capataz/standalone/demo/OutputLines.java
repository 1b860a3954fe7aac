package io.capataz.standalone.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/** Makes lines of chunks, which may begin and end anywhere, of two streams at once. */
final class OutputLines {

  /** Takes a line that is whole. */
  @FunctionalInterface
  interface Reader {
    void line(String stream, double after, String text);
  }

  private final Reader reader;
  private final Map<String, String> begun = new LinkedHashMap<>();
  private double last;

  OutputLines(Reader reader) {
    this.reader = reader;
  }

  void chunk(String stream, double after, String text) {
    last = after;
    String all = begun.getOrDefault(stream, "") + text;
    int from = 0;
    for (int end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', from)) {
      reader.line(stream, after, all.substring(from, end));
      from = end + 1;
    }
    begun.put(stream, all.substring(from));
  }

  /** The output has ended: what has no line end is a line as well. */
  void end() {
    begun.forEach(
        (stream, rest) -> {
          if (!rest.isEmpty()) {
            reader.line(stream, last, rest);
          }
        });
    begun.clear();
  }
}
