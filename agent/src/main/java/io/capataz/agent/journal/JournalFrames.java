package io.capataz.agent.journal;

import io.capataz.common.protocol.MessageJson;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import tools.jackson.core.JacksonException;

/**
 * Binary format of journal entries: length of the payload, checksum of length and payload, payload
 * as JSON. The checksum covers the length, because a lost disk page reads as zeros, and a frame of
 * zeros must not be valid.
 */
final class JournalFrames {

  private static final int HEAD = 2 * Integer.BYTES;

  private JournalFrames() {}

  static byte[] frame(JournalEntry entry) {
    var payload = MessageJson.write(entry);
    return ByteBuffer.allocate(HEAD + payload.length)
        .putInt(payload.length)
        .putInt(checksum(payload, 0, payload.length))
        .put(payload)
        .array();
  }

  /**
   * The result of reading frames.
   *
   * @param entries the valid entries before the first invalid frame
   * @param length the number of bytes they take
   */
  record Whole(List<JournalEntry> entries, int length) {}

  /**
   * Reads up to the first incomplete or corrupt frame.
   *
   * @throws JacksonException if a valid frame contains an entry unknown to this version
   */
  static Whole read(byte[] bytes) {
    var entries = new ArrayList<JournalEntry>();
    var buffer = ByteBuffer.wrap(bytes);
    int whole = 0;
    while (buffer.remaining() >= HEAD) {
      int length = buffer.getInt();
      int checksum = buffer.getInt();
      if (length <= 0
          || length > buffer.remaining()
          || checksum != checksum(bytes, buffer.position(), length)) {
        break;
      }
      var payload = new byte[length];
      buffer.get(payload);
      entries.add(MessageJson.read(payload, JournalEntry.class));
      whole = buffer.position();
    }
    return new Whole(List.copyOf(entries), whole);
  }

  private static int checksum(byte[] bytes, int offset, int length) {
    var checksum = new CRC32C();
    checksum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
    checksum.update(bytes, offset, length);
    return (int) checksum.getValue();
  }
}
