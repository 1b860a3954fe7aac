package io.capataz.supervisor.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.job.JobMove;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The protocol of {@code docs/queue.md}, tried in every order in which its steps can happen, within
 * bounds; and each of its guards left out, to see that this would be noticed. The page about it is
 * {@code docs/model.md}.
 */
class ProtocolModelTest {

  /** More than any of these explorations has. */
  private static final int MOST = 1_000_000;

  /** Where the shortest ways to broken promises are kept, to be read by whoever wonders. */
  private static final Path TRACES = Path.of("target", "protocol-model");

  @ParameterizedTest
  @FieldSource("io.capataz.supervisor.model.Explorations#SMALL")
  void every_promise_is_kept_in_every_world(Bounds bounds) {
    var found = new Explorer(new Model(bounds, Guards.without()), MOST).explore();

    System.out.printf(
        "model: %-45s %,9d worlds, %3d steps%n", bounds.name(), found.worlds(), found.steps());
    assertThat(found.violation()).isEmpty();
    assertThat(found.complete()).isTrue();
  }

  @ParameterizedTest
  @FieldSource("io.capataz.supervisor.model.Seed#ALL")
  void a_guard_that_is_left_out_is_missed(Seed seed) throws IOException {
    var found = new Explorer(seed.sown(), MOST).explore();

    assertThat(found.violation())
        .hasValueSatisfying(
            violation ->
                System.out.printf(
                    "model: not that %s -> after %d steps, %,d worlds: not that %s%n",
                    seed, violation.steps().size(), found.worlds(), violation.promise().meaning()));
    Files.createDirectories(TRACES);
    Files.writeString(
        TRACES.resolve(seed.fileName()),
        "Not that %s.%n%s%n".formatted(seed, found.violation().orElseThrow()));
  }

  static Stream<Seed> seedsWithANet() {
    return Seed.ALL.stream().filter(seed -> seed.net().isPresent());
  }

  @ParameterizedTest
  @MethodSource("seedsWithANet")
  void it_is_not_its_net_that_is_missed(Seed seed) {
    var found =
        new Explorer(new Model(seed.where(), Guards.without(seed.net().orElseThrow())), MOST)
            .explore();

    assertThat(found.violation()).isEmpty();
    assertThat(found.complete()).isTrue();
  }

  @Test
  void each_move_of_the_table_and_each_rule_is_left_out_once() {
    assertThat(
            sown(
                guard ->
                    guard instanceof Guard.State(JobMove move) ? Stream.of(move) : Stream.empty()))
        .isEqualTo(EnumSet.complementOf(EnumSet.copyOf(Seed.NOT_MODELLED)));
    assertThat(
            Stream.concat(Seed.ALL.stream().map(Seed::guard), Seed.SPARE.keySet().stream())
                .flatMap(
                    guard ->
                        guard instanceof Guard.Fence(JobMove move)
                            ? Stream.of(move)
                            : Stream.empty())
                .collect(Collectors.toSet()))
        .isEqualTo(
            Arrays.stream(JobMove.values()).filter(JobMove::fenced).collect(Collectors.toSet()));
    var rules =
        new TreeSet<>(
            sown(guard -> guard instanceof Guard.Rule rule ? Stream.of(rule) : Stream.empty()));
    Seed.SPARE.keySet().stream()
        .filter(Guard.Rule.class::isInstance)
        .map(Guard.Rule.class::cast)
        .forEach(rules::add);
    assertThat(rules).containsExactly(Guard.Rule.values());
  }

  private static <T> Set<T> sown(Function<Guard, Stream<T>> which) {
    return Seed.ALL.stream().map(Seed::guard).flatMap(which).collect(Collectors.toSet());
  }
}
