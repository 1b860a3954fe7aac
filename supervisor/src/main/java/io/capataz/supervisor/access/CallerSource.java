package io.capataz.supervisor.access;

import java.util.Optional;

/** A place where keys of one kind are kept, and to whom they belong. */
public interface CallerSource {

  /** The kind of keys that are kept here. */
  AccessKey.Kind kind();

  /** To whom the key belongs; empty if it is unknown, wrong, revoked or expired. */
  Optional<Caller> callerOf(AccessKey key);
}
