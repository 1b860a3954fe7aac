package io.capataz.supervisor.runtime;

import java.util.List;
import org.springframework.data.mongodb.core.index.Index;

/** A collection that names the indexes its queries and its promises rest on. */
public interface Indexed {

  /** The type whose collection it is. */
  Class<?> indexedType();

  /** The indexes, besides the one on {@code _id}. */
  List<Index> indexes();
}
