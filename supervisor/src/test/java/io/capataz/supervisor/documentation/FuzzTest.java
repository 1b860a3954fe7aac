package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.testing.Repetitions;
import org.junit.jupiter.api.Test;

/**
 * A slice of {@code bench/fuzz-api}: whatever is sent, there is no fault, no hang, and no answer
 * that the document does not tell. {@code -Dcapataz.fuzz.seed=} repeats a run.
 */
class FuzzTest {

  private static final int REQUESTS = Repetitions.of("capataz.fuzz.requests");

  @Test
  void whatever_is_sent_is_answered_as_the_document_says() {
    long seed = Long.getLong("capataz.fuzz.seed", System.nanoTime() & 0xffffff);
    var fuzz = new Fuzz(TestSupervisor.shared());
    var before = FuzzRun.heap();

    fuzz.run(seed, REQUESTS, 2);

    assertThat(fuzz.failures())
        .describedAs("-Dcapataz.fuzz.seed=%d, %s", seed, fuzz.statuses())
        .isEmpty();
    assertThat(fuzz.statuses()).containsKeys(200, 400, 401, 403, 404, 415);
    assertThat(FuzzRun.heap() - before)
        .describedAs("by how many bytes the heap has grown; what was made is in the store")
        .isLessThan(64L << 20);
    assertThat(fuzz.done().size())
        .describedAs("how many of the operations were done: %s", fuzz.done())
        .isGreaterThan(fuzz.operations() / 2);
  }
}
