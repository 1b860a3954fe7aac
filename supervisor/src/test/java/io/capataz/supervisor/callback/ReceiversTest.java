package io.capataz.supervisor.callback;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.callback.Receivers.Came;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiversTest {

  private static final String LIVE = "https://live.example.org:443";

  private Instant now = Instant.parse("2026-03-01T10:00:00Z");
  private final Receivers receivers = new Receivers(() -> now);

  private static String dead(int number) {
    return "https://dead-" + number + ".example.org:443";
  }

  @Test
  void hundreds_that_do_not_answer_leave_room_for_one_that_does() {
    IntStream.range(0, 500).forEach(n -> assertThat(receivers.enter(dead(n))).isTrue());
    assertThat(receivers.enter(LIVE)).isTrue();
    receivers.leave(LIVE, Came.ANSWER);
    IntStream.range(0, 500).forEach(n -> receivers.leave(dead(n), Came.NOTHING));
    for (var times = 1; times < Receivers.SILENT; times++) {
      IntStream.range(0, 500).forEach(n -> assertThat(receivers.enter(dead(n))).isTrue());
      IntStream.range(0, 500).forEach(n -> receivers.leave(dead(n), Came.NOTHING));
    }
    assertThat(receivers.closed()).hasSize(500);
    now = now.plusSeconds(1);

    var entered = IntStream.range(0, 500).filter(n -> receivers.enter(dead(n))).count();

    assertThat(entered).isEqualTo(Receivers.MOST_TO_SILENT);
    assertThat(receivers.closed()).hasSize(500);
    assertThat(receivers.isRoom()).isTrue();
    assertThat(receivers.enter(LIVE)).isTrue();
  }

  @Test
  void one_that_does_not_answer_is_called_after_pauses_that_grow_to_about_a_minute() {
    for (var times = 0; times < 20; times++) {
      while (!receivers.enter(LIVE)) {
        now = now.plusMillis(500);
      }
      receivers.leave(LIVE, Came.NOTHING);
    }
    assertThat(receivers.closed()).containsExactly(LIVE);
    now = now.plus(Duration.ofSeconds(63));
    assertThat(receivers.closed()).containsExactly(LIVE);
    now = now.plus(Duration.ofSeconds(1));
    assertThat(receivers.enter(LIVE)).isTrue();
    assertThat(receivers.enter(LIVE)).isFalse();
    receivers.leave(LIVE, Came.ANSWER);
    assertThat(receivers.enter(LIVE)).isTrue();
    assertThat(receivers.enter(LIVE)).isTrue();
  }

  @Test
  void one_that_answers_has_a_few_calls_at_once() {
    IntStream.range(0, Receivers.MOST_TO_ONE)
        .forEach(_ -> assertThat(receivers.enter(LIVE)).isTrue());
    assertThat(receivers.enter(LIVE)).isFalse();
    assertThat(receivers.closed()).containsExactly(LIVE);
    receivers.leave(LIVE, Came.NO_CALL);
    assertThat(receivers.enter(LIVE)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://Example.org/a?b, https://example.org:443",
    "HTTP://example.org, http://example.org:80",
    "https://example.org:8443/x, https://example.org:8443",
    "https://[2001:db8::1]/x, https://[2001:db8::1]:443",
    "somebody@example.org, mailto:"
  })
  void a_receiver_is_scheme_host_and_port(String target, String receiver) {
    assertThat(Receivers.of(target)).isEqualTo(receiver);
  }
}
