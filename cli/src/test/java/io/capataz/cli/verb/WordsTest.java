package io.capataz.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What is read without picocli is what picocli reads. */
class WordsTest {

  private static final Verb VERB =
      Verb.of("run", "Runs.")
          .taking("NAME", "[VALUE...]")
          .with(
              Option.of("arg", "LABEL=VALUE", "").repeated(),
              Option.of("filename", "FILE", "").letter("f"),
              Option.bare("wait", ""),
              Option.bare("quiet", "").letter("q"))
          .reaching(Verb.Reach.LOCAL);

  private static final List<String> PARTS =
      List.of(
          "name",
          "a=b",
          "-",
          "--arg",
          "--arg=x=y",
          "--arg=",
          "-f",
          "--filename",
          "--filename=z",
          "--wait",
          "--wait=true",
          "-q",
          "-qf",
          "--",
          "--unknown",
          "-x",
          "",
          "--help",
          "-ffile");

  private static String plainly(List<String> words) {
    return Words.read(VERB, words)
        .map(read -> new TreeMap<>(read.options()) + " " + read.arguments())
        .orElse("");
  }

  private static String byPicocli(List<String> words) {
    try {
      var parsed =
          new CommandLine(Parser.spec("run", VERB))
              .setExpandAtFiles(false)
              .setTrimQuotes(false)
              .parseArgs(words.toArray(String[]::new));
      var call = new Parser(Group.alone(VERB), VERB).matched(parsed);
      return new TreeMap<>(call.options()) + " " + call.arguments();
    } catch (ParameterException e) {
      return "refused";
    }
  }

  @Test
  void random_words_are_read_alike_or_left_to_picocli() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Set<List<String>> read = new HashSet<>();
    for (int i = 0; i < 3_000; i++) {
      List<String> words = new ArrayList<>();
      for (int n = random.nextInt(6); n >= 0; n--) {
        words.add(PARTS.get(random.nextInt(PARTS.size())));
      }
      String plainly = plainly(words);
      if (!plainly.isEmpty()) {
        assertThat(plainly).as("%s, seed %d", words, seed).isEqualTo(byPicocli(words));
        read.add(words);
      }
    }
    assertThat(read).hasSizeGreaterThan(20);
  }

  @Test
  void usual_commands_are_read_without_picocli() {
    assertThat(plainly(List.of("backup", "--arg", "day=monday", "--wait", "-f", "-", "x")))
        .isEqualTo("{arg=[day=monday], filename=[-], wait=[true]} [[backup], [x]]");
    assertThat(plainly(List.of("backup", "--help"))).isEmpty();
    assertThat(plainly(List.of("--wait"))).isEmpty();
  }
}
