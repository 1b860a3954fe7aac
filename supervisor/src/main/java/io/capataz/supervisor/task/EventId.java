package io.capataz.supervisor.task;

import io.capataz.common.protocol.Bytes;
import java.util.List;

/**
 * Ids of events. They follow from what emits the event and from its name, so that events are stored
 * nowhere: 16 hexadecimal digits for the emitter, and 8 for the name.
 */
public final class EventId {

  private static final int OF_EMITTER = 16;
  private static final int OF_NAME = 8;

  private EventId() {}

  /**
   * The id of an event.
   *
   * @param emitter the id of what emits it
   */
  public static String of(String emitter, String name) {
    return emitter(emitter) + digest("name\n" + emitter + "\n" + name, OF_NAME);
  }

  /** What the ids of all events of an emitter begin with. */
  public static String emitter(String id) {
    return digest("emitter\n" + id, OF_EMITTER);
  }

  /** The emitters of these events, as {@link #emitter} names them. */
  public static List<String> emittersOf(List<String> events) {
    return events.stream()
        .map(id -> id.substring(0, Math.min(OF_EMITTER, id.length())))
        .distinct()
        .toList();
  }

  private static String digest(String text, int digits) {
    var digest = Bytes.utf8(text).sha256();
    return digest.substring(digest.length() - digits);
  }
}
