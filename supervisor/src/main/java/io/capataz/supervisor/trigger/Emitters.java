package io.capataz.supervisor.trigger;

import io.capataz.supervisor.access.Caller;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All emitters of a kind; a bean for each kind. */
public interface Emitters {

  /**
   * Some of those that the member may see, by id.
   *
   * @param after the id of the one before; null: from the first
   */
  List<Emitter> visible(Caller.Member member, @Nullable String after, int limit);

  /** The one with that id, if the member may see it. */
  Optional<Emitter> visible(Caller.Member member, String id);
}
