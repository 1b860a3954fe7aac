package io.capataz.common.protocol;

import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Messages to bytes and back. Names, those of enum constants too, are {@code snake_case}, durations
 * ISO-8601, bytes base64; numbers in JSON of unknown content stay as they were sent; unknown fields
 * are passed over so that either side may be the newer one.
 */
public final class MessageJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxStringLength(16 * 1024 * 1024)
                          .build())
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enumNamingStrategy(EnumNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(EnumFeature.READ_ENUMS_USING_TO_STRING)
          .addModule(numbersAsSent())
          .build();

  private MessageJson() {}

  /** The mapper itself, for a framework that wants to read and write messages on its own. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /** Makes a mapper keep the numbers in JSON of unknown content as they were sent. */
  public static JacksonModule numbersAsSent() {
    return new SimpleModule().addDeserializer(JsonNode.class, new NodesAsSent());
  }

  public static byte[] write(Object message) {
    return MAPPER.writeValueAsBytes(message);
  }

  /**
   * Reads one message.
   *
   * @throws JacksonException if the bytes are not such a message
   */
  public static <T> T read(byte[] bytes, Class<T> type) {
    return MAPPER.readValue(bytes, type);
  }

  /**
   * Reads one message.
   *
   * @throws JacksonException if the bytes are not such a message
   */
  public static <T> T read(InputStream bytes, Class<T> type) {
    return MAPPER.readValue(bytes, type);
  }
}
