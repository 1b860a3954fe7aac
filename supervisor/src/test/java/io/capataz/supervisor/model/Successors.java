package io.capataz.supervisor.model;

import java.util.ArrayList;
import java.util.List;

/** All worlds that follow one, and what happens on the way to each. */
final class Successors implements Next {

  private final byte[] now;
  private final List<World> worlds = new ArrayList<>();
  private final List<byte[]> bytes = new ArrayList<>();
  private final List<String> whats = new ArrayList<>();

  Successors(byte[] now) {
    this.now = now;
  }

  @Override
  public World world() {
    return World.of(now);
  }

  @Override
  public void is(World after, String what) {
    bytes.add(after.bytes());
    worlds.add(after);
    whats.add(what);
  }

  int size() {
    return worlds.size();
  }

  World world(int at) {
    return worlds.get(at);
  }

  byte[] bytes(int at) {
    return bytes.get(at);
  }

  /** What happens, and what is different after it. */
  String told(int at) {
    var text = new StringBuilder(whats.get(at));
    var was = World.of(now).described();
    World.of(bytes(at))
        .described()
        .forEach(
            (name, is) -> {
              if (!is.equals(was.get(name))) {
                text.append("\n        ").append(name).append(": ").append(is);
              }
            });
    return text.toString();
  }
}
