package io.capataz.supervisor.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a {@link World}. What it is made of passes its fields through here, one after
 * another: they are written when there is nothing to read, and read otherwise. So each field is
 * named once, and none can be forgotten in the comparison of two worlds.
 */
final class Cells {

  private final boolean reading;
  private byte[] bytes;
  private int at;

  private Cells(boolean reading, byte[] bytes) {
    this.reading = reading;
    this.bytes = bytes;
  }

  static Cells toRead(byte[] bytes) {
    return new Cells(true, bytes);
  }

  static Cells toWrite() {
    return new Cells(false, new byte[160]);
  }

  byte[] written() {
    return Arrays.copyOf(bytes, at);
  }

  int pass(int value) {
    if (reading) {
      return bytes[at++];
    }
    if (at == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * at);
    }
    bytes[at++] = (byte) value;
    return value;
  }

  boolean pass(boolean value) {
    return pass(value ? 1 : 0) == 1;
  }

  // The order of an enum does not outlive the process, and neither do these bytes.
  @SuppressWarnings("EnumOrdinal")
  <E extends Enum<E>> E pass(E value, E[] all) {
    return all[pass(value.ordinal())];
  }

  Permit pass(Permit value) {
    return Permit.of(pass(value.claim()), pass(value.generation()));
  }

  Permit[] passSeats(Permit[] values) {
    for (var i = 0; i < values.length; i++) {
      values[i] = pass(values[i]);
    }
    return values;
  }

  int[] pass(int[] values) {
    for (var i = 0; i < values.length; i++) {
      values[i] = pass(values[i]);
    }
    return values;
  }

  List<Hold> passHolds(List<Hold> holds) {
    var size = pass(holds.size());
    if (!reading) {
      for (var hold : holds) {
        pass(hold.job());
        pass(hold.attempt());
        pass(hold.claim());
        pass(hold.phase(), Hold.Phase.ALL);
      }
      return holds;
    }
    var read = new ArrayList<Hold>(2);
    for (var i = 0; i < size; i++) {
      read.add(new Hold(pass(0), pass(0), pass(0), pass(Hold.Phase.ORDERED, Hold.Phase.ALL)));
    }
    return read;
  }

  List<Message> passMessages(List<Message> messages) {
    var size = pass(messages.size());
    if (!reading) {
      for (var message : messages) {
        pass(message.kind(), Message.Kind.ALL);
        pass(message.agent());
        pass(message.job());
        pass(message.attempt());
        pass(message.claim());
      }
      return messages;
    }
    var read = new ArrayList<Message>(4);
    for (var i = 0; i < size; i++) {
      read.add(
          new Message(
              pass(Message.Kind.CLAIM, Message.Kind.ALL), pass(0), pass(0), pass(0), pass(0)));
    }
    return read;
  }
}
