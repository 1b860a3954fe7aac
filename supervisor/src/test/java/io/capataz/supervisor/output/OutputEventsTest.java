package io.capataz.supervisor.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A follower to whom nothing is to be told is found out if nobody is there any more. */
class OutputEventsTest {

  private final AtomicLong nanos = new AtomicLong();

  @Test
  void while_nothing_happens_a_comment_is_sent_now_and_then() throws Exception {
    var out = new ByteArrayOutputStream();
    var events = new OutputEvents(out, null, nanos::get);

    for (var second = 0; second <= 25; second++) {
      nanos.set(Duration.ofSeconds(second).toNanos());
      assertThat(events.idle(Duration.ofDays(second), Duration.ofHours(1))).isTrue();
    }

    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("retry: 2000\n\n:\n\n:\n\n");
  }

  @Test
  void whoever_has_gone_away_is_let_go() throws Exception {
    var events =
        new OutputEvents(
            new OutputStream() {
              private boolean isThere = true;

              @Override
              public void write(int b) throws IOException {
                if (!isThere) {
                  throw new IOException("Broken pipe");
                }
              }

              @Override
              public void flush() {
                isThere = false;
              }
            },
            null,
            nanos::get);
    events.flush();

    nanos.set(Duration.ofSeconds(11).toNanos());

    assertThatThrownBy(() -> events.idle(Duration.ofSeconds(11), Duration.ofHours(1)))
        .isInstanceOf(IOException.class);
  }
}
