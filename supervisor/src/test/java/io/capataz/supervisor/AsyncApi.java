package io.capataz.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * {@code docs/reference/asyncapi.json}, against which the test clients hold every message that they
 * receive.
 */
public final class AsyncApi {

  private static final String BASE = "https://capataz.invalid/";
  private static final String PAGE = "asyncapi.json";
  private static final JsonNode DOCUMENT = MessageJson.mapper().readTree(text(PAGE));

  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          registry ->
              registry.schemas(
                  Map.of(BASE + PAGE, text(PAGE), BASE + "openapi.json", text("openapi.json"))));

  /** The schemas of the messages of each channel, by its address. */
  private static final Map<String, List<Schema>> CHANNELS =
      DOCUMENT
          .path("channels")
          .propertyStream()
          .collect(Collectors.toMap(AsyncApi::address, AsyncApi::schemas));

  private AsyncApi() {}

  public static JsonNode document() {
    return DOCUMENT;
  }

  /** Fails unless the document says that such a message is sent at this path. */
  public static void check(String path, JsonNode message) {
    var channel = channel(path);
    var errors = channel.stream().map(schema -> schema.validate(message)).toList();
    assertThat(errors).as("%s sends %s", path, message).anyMatch(List::isEmpty);
  }

  private static List<Schema> channel(String path) {
    var address = path.replaceFirst("\\?.*", "").replaceFirst("^/api/", "/ws/");
    return CHANNELS.entrySet().stream()
        .filter(
            it ->
                (address.startsWith("/job/") ? "/any" + address : address)
                    .matches(pattern(it.getKey())))
        .map(Entry::getValue)
        .findFirst()
        .orElseThrow(() -> new AssertionError("No channel has the address " + path + "."));
  }

  private static String pattern(String address) {
    return address.replaceAll("\\{[^}]*}", "[^/]+");
  }

  private static String address(Entry<String, JsonNode> channel) {
    return channel.getValue().path("address").asString();
  }

  private static List<Schema> schemas(Entry<String, JsonNode> channel) {
    return channel
        .getValue()
        .path("messages")
        .valueStream()
        .map(message -> message.path("$ref").asString())
        .map(message -> SCHEMAS.getSchema(SchemaLocation.of(BASE + PAGE + message + "/payload")))
        .toList();
  }

  private static String text(String page) {
    try {
      return Files.readString(Path.of("..", "docs", "reference", page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
