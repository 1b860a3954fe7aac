package io.capataz.cli.apply;

import io.capataz.cli.api.Named;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Objects that have a name, and whose changes leave what is not sent: pools and webhooks. */
final class NamedShelf implements Shelf {

  private final Places places;
  private final Named kind;
  private final String method;

  private NamedShelf(Places places, Named kind, String method) {
    this.places = places;
    this.kind = kind;
    this.method = method;
  }

  static Shelf pools(Places places) {
    return new NamedShelf(places, Named.POOL, "PATCH");
  }

  static Shelf webhooks(Places places) {
    return new NamedShelf(places, Named.WEBHOOK, "PUT");
  }

  @Override
  public ObjectNode wanted(Definition definition) {
    ObjectNode wanted = definition.fields().deepCopy();
    if (wanted.path("hosts").isArray()) {
      var names = wanted.path("hosts").valueStream().map(it -> it.asString("")).toList();
      var hosts = wanted.putArray("hosts");
      names.forEach(name -> hosts.add(Named.HOST.one(places.api(), name).path("id").asString("")));
    }
    return wanted;
  }

  @Override
  public Optional<JsonNode> live(Definition definition, ObjectNode wanted) {
    return places.find(kind, definition.name());
  }

  @Override
  public JsonNode create(Definition definition, ObjectNode wanted) {
    return places.api().send("POST", kind.path(), wanted);
  }

  @Override
  public JsonNode change(JsonNode live, ObjectNode wanted) {
    return places.api().send(method, at(live), wanted);
  }

  @Override
  public void remove(JsonNode live) {
    var _ = places.api().send("DELETE", at(live), null);
  }

  private String at(JsonNode live) {
    return kind.at(live.path("id").asString(""));
  }
}
