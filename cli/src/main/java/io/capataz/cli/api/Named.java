package io.capataz.cli.api;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A kind of object that people name by its name, or by its id where names are not unique.
 *
 * @param kind the word for it
 * @param path of its list
 */
public record Named(String kind, String path) {

  public static final Named TASK = new Named("task", "/task");
  public static final Named WORKFLOW = new Named("workflow", "/workflows");
  public static final Named HOST = new Named("host", "/host");
  public static final Named POOL = new Named("pool", "/pool");
  public static final Named WEBHOOK = new Named("webhook", "/webhook");

  private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{24}");

  /** Whether a word has the form of an id. */
  public static boolean isId(String word) {
    return ID.matcher(word).matches();
  }

  /** The path of one of them. */
  public String at(String id) {
    return path + "/" + Api.encoded(id);
  }

  /** Those of that name. */
  public List<JsonNode> all(Api api, String name) {
    return api.all(path + "?name=" + Api.encoded(name), 20);
  }

  /**
   * The one that is meant.
   *
   * @throws Failure if there is none, or more than one
   */
  public JsonNode one(Api api, String word) {
    List<JsonNode> found = new ArrayList<>();
    if (isId(word)) {
      api.find(at(word)).ifPresent(found::add);
    }
    if (found.isEmpty()) {
      found.addAll(all(api, word));
    }
    if (found.isEmpty()) {
      throw new Failure(
          ExitCode.NOT_FOUND,
          "There is no %s '%s' that you may see. 'capataz %s list' shows what there is."
              .formatted(kind, word, kind.equals("pool") ? "host" : kind));
    }
    if (found.size() > 1) {
      throw ambiguous(word, found);
    }
    return found.getFirst();
  }

  private Failure ambiguous(String word, List<JsonNode> found) {
    List<String> ids = found.stream().map(it -> it.path("id").asString("")).toList();
    return new Failure(
        ExitCode.CONFLICT,
        "%d objects of the kind %s are called '%s'. Name one by its id: %s."
            .formatted(found.size(), kind, word, String.join(", ", ids)));
  }
}
