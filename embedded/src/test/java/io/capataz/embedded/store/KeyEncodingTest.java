package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The bytes of an index entry are in the order in which the library sorts the values. */
class KeyEncodingTest {

  @Test
  void bytes_are_ordered_like_values() {
    long seed = Long.getLong("store.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      Object one = value(random, 2);
      Object other = value(random, 2);
      int wanted = ValueComparator.ascWithoutListHandling().compare(one, other);
      int ascending = Arrays.compareUnsigned(KeyEncoding.encode(one), KeyEncoding.encode(other));
      int descending =
          Arrays.compareUnsigned(
              KeyEncoding.complement(KeyEncoding.encode(one)),
              KeyEncoding.complement(KeyEncoding.encode(other)));
      assertThat(Integer.signum(ascending))
          .as("seed %d: %s and %s", seed, one, other)
          .isEqualTo(Integer.signum(wanted));
      assertThat(Integer.signum(descending)).isEqualTo(-Integer.signum(wanted));
    }
  }

  @Test
  void numbers_next_to_what_a_double_can_hold_are_told_apart() {
    List<Number> inOrder =
        List.of(
            Double.NEGATIVE_INFINITY,
            -1e300,
            Long.MIN_VALUE,
            Long.MIN_VALUE + 1,
            -(1L << 53) - 1,
            -0x1p53,
            -1.5,
            -1,
            0,
            Double.MIN_VALUE,
            1,
            (1L << 53) - 1,
            0x1p53,
            (1L << 53) + 1,
            Long.MAX_VALUE - 512,
            Long.MAX_VALUE - 1,
            Long.MAX_VALUE,
            0x1p63,
            Double.POSITIVE_INFINITY);
    for (int i = 1; i < inOrder.size(); i++) {
      assertThat(
              Arrays.compareUnsigned(
                  KeyEncoding.encode(inOrder.get(i - 1)), KeyEncoding.encode(inOrder.get(i))))
          .as("%s before %s", inOrder.get(i - 1), inOrder.get(i))
          .isNegative();
    }
    assertThat(KeyEncoding.encode(5))
        .isEqualTo(KeyEncoding.encode(5L))
        .isEqualTo(KeyEncoding.encode(5.0));
    assertThat(KeyEncoding.encode(-0.0)).isEqualTo(KeyEncoding.encode(0));
  }

  @Test
  void no_value_is_the_beginning_of_another() {
    Random random = new Random(1);
    List<byte[]> encoded = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      encoded.add(KeyEncoding.encode(value(random, 2)));
    }
    encoded.sort(Arrays::compareUnsigned);
    for (int i = 1; i < encoded.size(); i++) {
      byte[] one = encoded.get(i - 1);
      byte[] next = encoded.get(i);
      boolean same = Arrays.equals(one, next);
      boolean begins =
          next.length > one.length && Arrays.equals(one, Arrays.copyOf(next, one.length));
      assertThat(same || !begins)
          .as("%s and %s", Arrays.toString(one), Arrays.toString(next))
          .isTrue();
    }
  }

  private static @Nullable Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 8)) {
      case 0 -> null;
      case 1 -> random.nextInt(7) - 3;
      case 2 -> random.nextLong() >> random.nextInt(64);
      case 3 -> random.nextGaussian() * Math.pow(10, random.nextInt(8) - 4);
      case 4 -> string(random);
      case 5 -> random.nextBoolean();
      case 6 -> Instant.ofEpochMilli(random.nextInt());
      case 7 -> random.nextInt(5) / 2.0;
      default -> {
        Document document = new Document();
        int fields = random.nextInt(3);
        for (int i = 0; i < fields; i++) {
          document.put(string(random), value(random, depth - 1));
        }
        yield document;
      }
    };
  }

  private static String string(Random random) {
    StringBuilder string = new StringBuilder();
    int length = random.nextInt(4);
    for (int i = 0; i < length; i++) {
      string.append("\u0000\u0001aAz\u00ff\u0100".charAt(random.nextInt(7)));
    }
    return string.toString();
  }
}
