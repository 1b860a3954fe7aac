package io.capataz.supervisor.fleet;

import java.util.Locale;

/** How far a host of a fleet run has come. */
enum Stage {
  /** Its turn has not come. */
  TO_COME,
  /** Its job is under way, or about to be made. */
  RUNNING,
  SUCCEEDED,
  FAILED,
  /** Nothing is run on it, because somebody or the plan says so. */
  SKIPPED,
  /** It was off when its turn came, and is waited for. */
  OFF,
  /** Its job was canceled, or the run before its turn. */
  CANCELED;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
