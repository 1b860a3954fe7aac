package io.capataz.supervisor.job;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** All words that {@link Origin}s use. */
@Component
class Origins {

  private final TreeSet<String> words = new TreeSet<>();

  Origins(List<OriginKind> kinds) {
    Stream.of(Origin.USER, Origin.SECRET).map(Origin::word).forEach(words::add);
    kinds.stream().map(OriginKind::word).forEach(words::add);
  }

  /** In alphabetical order. */
  List<String> words() {
    return List.copyOf(words);
  }
}
