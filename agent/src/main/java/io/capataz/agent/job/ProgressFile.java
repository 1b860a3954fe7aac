package io.capataz.agent.job;

import io.capataz.agent.process.OpenFolder;
import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.ProgressReport.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file to which a script appends its progress, one line each: a JSON object with {@code
 * percent} and {@code message}, or just a number with an optional text after it. Other lines are
 * passed over. The script may write anything there: little is read at once, and only what is new.
 */
final class ProgressFile {

  /** More than a report can hold. */
  private static final int AT_ONCE = 64 * 1024;

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path file;
  private final Redactor redactor;
  private long position;
  private long entries;
  private boolean inLongLine;

  ProgressFile(Path file, Redactor redactor) {
    this.file = file;
    this.redactor = redactor;
  }

  /**
   * New entries.
   *
   * @param before how many came before the first of them
   * @param position where the file goes on
   */
  record News(long before, List<Entry> entries, long position, boolean inLongLine) {}

  /**
   * Reads the new entries. Returns the same ones until {@link #taken} is called.
   *
   * @param over whether the script has ended, so that a last line without an end counts too
   */
  Optional<News> read(boolean over) throws IOException {
    byte[] bytes;
    try (var folder = OpenFolder.at(file.resolveSibling(""))) {
      bytes =
          folder
              .read(file.getFileName().toString(), position, AT_ONCE - 1)
              .orElseGet(() -> new byte[0]);
    }
    return bytes.length == 0 ? Optional.empty() : Optional.of(news(bytes, over));
  }

  private News news(byte[] bytes, boolean over) {
    var found = new ArrayList<Entry>();
    var skipping = inLongLine;
    var start = 0;
    for (var i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (!skipping) {
          entry(bytes, start, i).ifPresent(found::add);
        }
        skipping = false;
        start = i + 1;
      }
    }
    if (start == 0 && bytes.length == AT_ONCE) {
      // A line that long is no progress.
      start = bytes.length;
      skipping = true;
    } else if (over && start < bytes.length && bytes.length < AT_ONCE) {
      if (!skipping) {
        entry(bytes, start, bytes.length).ifPresent(found::add);
      }
      start = bytes.length;
    }
    var leftOut = Math.max(0, found.size() - ProgressReport.MOST_ENTRIES);
    return new News(
        entries + leftOut,
        List.copyOf(found.subList(leftOut, found.size())),
        position + start,
        skipping);
  }

  /** How much of the file was taken. */
  long position() {
    return position;
  }

  /** The supervisor has these. */
  void taken(News news) {
    position = news.position();
    entries = news.before() + news.entries().size();
    inLongLine = news.inLongLine();
  }

  private Optional<Entry> entry(byte[] bytes, int from, int to) {
    var line = new String(bytes, from, to - from, StandardCharsets.UTF_8).strip();
    if (line.isEmpty()) {
      return Optional.empty();
    }
    var entry = line.startsWith("{") ? ofJson(line) : ofWords(line);
    return entry.filter(it -> it.percent() != null || it.message() != null);
  }

  private Optional<Entry> ofJson(String line) {
    try {
      var object = JSON.readTree(line);
      var message = object.path("message");
      return Optional.of(
          new Entry(
              percent(object.path("percent")),
              message.isString() ? message(message.asString()) : null));
    } catch (JacksonException malformed) {
      return Optional.empty();
    }
  }

  private Optional<Entry> ofWords(String line) {
    var words = line.split("\\s+", 2);
    try {
      return Optional.of(
          new Entry(
              percent(Double.parseDouble(words[0])), words.length < 2 ? null : message(words[1])));
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  private static @Nullable Integer percent(JsonNode number) {
    return number.isNumber() ? percent(number.asDouble()) : null;
  }

  /** Fractions are dropped; what is out of range is not progress. */
  private static @Nullable Integer percent(double number) {
    return number >= 0 && number <= 100 ? (int) number : null;
  }

  private String message(String text) {
    var masked = redactor.redacted(text);
    if (masked.length() <= ProgressReport.LONGEST_MESSAGE) {
      return masked;
    }
    var end = ProgressReport.LONGEST_MESSAGE;
    return masked.substring(0, Character.isHighSurrogate(masked.charAt(end - 1)) ? end - 1 : end);
  }
}
