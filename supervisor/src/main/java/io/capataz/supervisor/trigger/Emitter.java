package io.capataz.supervisor.trigger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What emits events, as it is shown to whoever chooses one.
 *
 * @param className {@code _type} of it
 * @param type its kind; null: there is one kind only
 * @param host the id of the host on which it runs; null: none
 * @param eventClass {@code _type} of its events
 * @param events their names
 */
public record Emitter(
    String id,
    String name,
    String className,
    @Nullable String type,
    @Nullable String host,
    String eventClass,
    List<String> events) {
  public Emitter {
    events = List.copyOf(events);
  }
}
