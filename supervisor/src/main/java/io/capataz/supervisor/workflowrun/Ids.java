package io.capataz.supervisor.workflowrun;

import io.capataz.common.protocol.Bytes;

/**
 * Ids that follow from what causes something: whoever makes it once more makes nothing new. They
 * begin with the time of the run, like every id.
 */
final class Ids {

  private static final int TIME = 8;
  private static final int REST = 16;

  private Ids() {}

  static String of(String run, String kind, Object... parts) {
    var text = new StringBuilder(run).append('\n').append(kind);
    for (var part : parts) {
      text.append('\n').append(part);
    }
    var digest = Bytes.utf8(text.toString()).sha256();
    return run.substring(0, TIME) + digest.substring(digest.length() - REST);
  }
}
