package io.capataz.supervisor.host;

import io.capataz.supervisor.web.FieldReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Host labels, such as {@code zone=a}: names and values. They are stored as strings, {@code
 * name=value}, sorted by name.
 */
final class Labels {

  /** The maximum number of labels of a host from one source. */
  static final int MOST = 64;

  static final String NAME = "[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?";
  static final String VALUE = "(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)?";

  private static final Pattern NAMES = Pattern.compile(NAME);
  private static final Pattern VALUES = Pattern.compile(VALUE);

  private Labels() {}

  /** Whether it is a valid label. */
  static boolean isLabel(String name, String value) {
    return NAMES.matcher(name).matches() && VALUES.matcher(value).matches();
  }

  /** The stored form. */
  static List<String> texts(Map<String, String> labels) {
    return new TreeMap<>(labels)
        .entrySet().stream().map(label -> label.getKey() + "=" + label.getValue()).toList();
  }

  /** Parses the form of {@link #texts}. */
  static Map<String, String> of(List<String> texts) {
    var labels = new TreeMap<String, String>();
    for (var text : texts) {
      var equals = text.indexOf('=');
      labels.put(text.substring(0, equals), text.substring(equals + 1));
    }
    return labels;
  }

  /** The labels of both sources; if both set a name, the first wins. */
  static List<String> together(List<String> first, List<String> second) {
    var labels = of(second);
    labels.putAll(of(first));
    return texts(labels);
  }

  /** The valid labels reported by an agent; invalid ones are ignored rather than rejected. */
  static List<String> said(Map<String, String> labels) {
    var fit = new TreeMap<String, String>();
    labels.forEach(
        (name, value) -> {
          if (isLabel(name, value) && fit.size() < MOST) {
            fit.put(name, value);
          }
        });
    return texts(fit);
  }

  /** Reads {@code labels}: an object of strings, or {@code name=value} lines. */
  static List<String> read(FieldReader fields) {
    var labels = new LinkedHashMap<>(fields.textMapOrLines("labels", MOST, 100));
    labels.forEach(
        (name, value) -> {
          if (!isLabel(name, value)) {
            fields.wrong(
                "labels",
                "invalid_label",
                "must contain only valid labels: names and values begin and end with a letter or"
                    + " digit and contain only letters, digits, '.', '_' and '-'; names may"
                    + " also contain '/'. At most"
                    + " 100 characters each.");
          }
        });
    return texts(labels);
  }
}
