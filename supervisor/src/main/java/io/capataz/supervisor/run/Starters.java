package io.capataz.supervisor.run;

import io.capataz.supervisor.access.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** All {@link Starter}s. */
@Component
public class Starters {

  private final Map<String, Starter> byKind;

  Starters(List<Starter> starters) {
    byKind = starters.stream().collect(Collectors.toMap(Starter::kind, Function.identity()));
  }

  /** The starter of that kind. */
  public Starter of(String kind) {
    var starter = byKind.get(kind);
    if (starter == null) {
      throw new IllegalArgumentException("nothing starts a " + kind);
    }
    return starter;
  }

  /** The task or workflow of that id that the member may see. */
  public Optional<Startable> visible(Caller.Member member, String id) {
    return byKind.values().stream().flatMap(it -> it.visible(member, id).stream()).findFirst();
  }
}
