package io.capataz.supervisor.runtime;

import java.util.List;
import org.springframework.data.mongodb.core.index.Index;

/** A collection that declares the indexes its queries and guarantees depend on. */
public interface Indexed {

  /** The type stored in the collection. */
  Class<?> indexedType();

  /** The indexes in addition to the one on {@code _id}. */
  List<Index> indexes();
}
