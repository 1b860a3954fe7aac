package io.capataz.supervisor.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a list that is shown in parts goes on.
 *
 * @param count how many are on this page
 * @param first the address of its first page; null: this is it
 * @param next the address of the next page; null: it ends here
 */
record Paging(int count, @Nullable String first, @Nullable String next) {

  /**
   * @param path of the page, without a query
   * @param filters what it is filtered by; those that are empty are left out
   * @param cursor of this page; empty: it is the first
   */
  static Paging of(String path, Map<String, String> filters, String cursor, ApiAnswer answer) {
    var next = answer.cursor();
    return new Paging(
        answer.body().size(),
        cursor.isEmpty() ? null : address(path, filters),
        next == null ? null : address(path, with(filters, "cursor", next)));
  }

  /** A path with a query; fields that are empty are left out. */
  static String address(String path, Map<String, String> fields) {
    var query =
        fields.entrySet().stream()
            .filter(field -> !field.getValue().isEmpty())
            .map(field -> field.getKey() + "=" + encoded(field.getValue()))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? path : path + "?" + query;
  }

  static Map<String, String> with(Map<String, String> fields, String name, String value) {
    var all = new LinkedHashMap<>(fields);
    all.put(name, value);
    return all;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
