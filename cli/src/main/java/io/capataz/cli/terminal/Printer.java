package io.capataz.cli.terminal;

import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** Prints data in the form that was asked for. */
public record Printer(Terminal terminal, Format format) {

  private static final String RESET = "\u001b[0m";

  private static final Map<String, String> COLORS =
      Map.ofEntries(
          Map.entry("succeeded", "\u001b[32m"),
          Map.entry("success", "\u001b[32m"),
          Map.entry("online", "\u001b[32m"),
          Map.entry("failed", "\u001b[31m"),
          Map.entry("failure", "\u001b[31m"),
          Map.entry("expired", "\u001b[31m"),
          Map.entry("offline", "\u001b[31m"),
          Map.entry("silent", "\u001b[33m"),
          Map.entry("held", "\u001b[33m"),
          Map.entry("canceled", "\u001b[33m"),
          Map.entry("running", "\u001b[36m"));

  /** Prints a list. */
  public void list(Columns columns, List<JsonNode> objects) {
    switch (format) {
      case TABLE -> table(columns, objects);
      case NAME -> objects.forEach(object -> names(columns, object));
      case JSON, YAML -> tree(MessageJson.mapper().createArrayNode().addAll(objects));
    }
  }

  /** Prints one object; as a table it is one row. */
  public void row(Columns columns, JsonNode object) {
    if (format == Format.TABLE || format == Format.NAME) {
      list(columns, List.of(object));
    } else {
      tree(object);
    }
  }

  /** Prints all there is of one object; there is no table of that. */
  public void whole(Columns columns, JsonNode object) {
    switch (format) {
      case NAME -> names(columns, object);
      case TABLE, YAML -> terminal.out().print(yaml(object));
      case JSON -> tree(object);
    }
  }

  private void names(Columns columns, JsonNode object) {
    terminal.out().println(Terminal.clean(columns.name().apply(object)));
  }

  private void tree(JsonNode tree) {
    if (format == Format.YAML) {
      terminal.out().print(yaml(tree));
    } else {
      terminal
          .out()
          .println(MessageJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(tree));
    }
  }

  /** As YAML, which ends with a line end. */
  public static String yaml(JsonNode tree) {
    return YAMLMapper.builder()
        .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
        .disable(YAMLWriteFeature.SPLIT_LINES)
        .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
        .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
        .enable(YAMLWriteFeature.INDENT_ARRAYS_WITH_INDICATOR)
        .build()
        .writeValueAsString(tree);
  }

  private void table(Columns columns, List<JsonNode> objects) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(columns.all().stream().map(Columns.Column::title).toList());
    for (JsonNode object : objects) {
      rows.add(columns.all().stream().map(column -> cell(column, object)).toList());
    }
    int[] widths = new int[columns.all().size()];
    rows.forEach(
        row -> {
          for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], row.get(i).length());
          }
        });
    rows.forEach(row -> terminal.out().println(line(row, widths)));
  }

  private static String cell(Columns.Column column, JsonNode object) {
    return Terminal.clean(column.value().apply(object)).replace('\n', ' ').replace('\t', ' ');
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      line.append(colored(cell));
      if (i < widths.length - 1) {
        line.repeat(' ', widths[i] - cell.length() + 2);
      }
    }
    return line.toString().stripTrailing();
  }

  private String colored(String cell) {
    String color = terminal.colored() ? COLORS.get(cell) : null;
    return color == null ? cell : color + cell + RESET;
  }
}
