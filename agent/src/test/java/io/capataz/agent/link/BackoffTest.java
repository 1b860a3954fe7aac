package io.capataz.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), new SplittableRandom(1));

  @Test
  void doubles_up_to_the_most_and_is_never_less_than_half() {
    assertThat(pauses(1)).allMatch(pause -> pause >= 50 && pause <= 100);
    assertThat(pauses(3)).allMatch(pause -> pause >= 200 && pause <= 400);
    assertThat(pauses(1000)).allMatch(pause -> pause >= 2500 && pause <= 5000);
  }

  private static List<Long> pauses(int failures) {
    return IntStream.range(0, 200).mapToObj(_ -> BACKOFF.pause(failures).toMillis()).toList();
  }

  @Test
  void repeats_until_there_is_an_answer_of_any_kind() throws InterruptedException {
    var quick = new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), new SplittableRandom(1));
    Iterator<Reply<String>> replies =
        List.<Reply<String>>of(
                new Reply.Unreachable<>("a"),
                new Reply.Unreachable<>("b"),
                new Reply.Faulty<>(400, "c"))
            .iterator();

    assertThat(quick.untilReached(replies::next)).isEqualTo(new Reply.Faulty<>(400, "c"));
    assertThat(replies).isExhausted();
  }
}
