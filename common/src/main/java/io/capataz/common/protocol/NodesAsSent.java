package io.capataz.common.protocol;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;

/**
 * Reads JSON of unknown content so that its numbers are written again as they were sent: {@code
 * 1e2}, {@code -0}, {@code 1e400}. Doubles would round them or make them infinite, and plain
 * decimals would write {@code 1E+2}.
 */
final class NodesAsSent extends ValueDeserializer<JsonNode> {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** A decimal whose text is the one that was sent. */
  private static final class Sent extends BigDecimal {

    private static final long serialVersionUID = 1L;

    private final String text;

    Sent(String text) {
      super(text);
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Override
  public JsonNode deserialize(JsonParser parser, DeserializationContext context) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        var object = NODES.objectNode();
        for (var name = parser.nextName(); name != null; name = parser.nextName()) {
          parser.nextToken();
          object.set(name, deserialize(parser, context));
        }
        yield object;
      }
      case START_ARRAY -> {
        var array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(deserialize(parser, context));
        }
        yield array;
      }
      case VALUE_STRING -> NODES.stringNode(parser.getString());
      case VALUE_NUMBER_INT ->
          parser.getString().equals("-0") ? DecimalNode.valueOf(new Sent("-0")) : integer(parser);
      case VALUE_NUMBER_FLOAT ->
          parser.isNaN() ? NODES.numberNode(parser.getDoubleValue()) : decimal(parser);
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      case VALUE_EMBEDDED_OBJECT ->
          switch (parser.getEmbeddedObject()) {
            case null -> NODES.nullNode();
            case JsonNode node -> node;
            case byte[] bytes -> NODES.binaryNode(bytes);
            case Object other -> NODES.pojoNode(other);
          };
      default ->
          (JsonNode) context.handleUnexpectedToken(context.constructType(JsonNode.class), parser);
    };
  }

  private static JsonNode decimal(JsonParser parser) {
    // The parser has its own limits for numbers, which it checks only here.
    var _ = parser.getDecimalValue();
    return DecimalNode.valueOf(new Sent(parser.getString()));
  }

  private static JsonNode integer(JsonParser parser) {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      default -> (JsonNode) NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  @Override
  public Object getNullValue(DeserializationContext context) {
    return NullNode.getInstance();
  }

  @Override
  public @Nullable Object getAbsentValue(DeserializationContext context) {
    return null;
  }
}
