package io.capataz.supervisor.access;

import java.util.Optional;

/** A store for keys of one kind and their owners. */
public interface CallerSource {

  /** The kind of keys stored here. */
  AccessKey.Kind kind();

  /** The owner of the key; empty if it is unknown, wrong, revoked or expired. */
  Optional<Caller> callerOf(AccessKey key);
}
