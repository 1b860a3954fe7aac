package io.capataz.agent.job;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The helper commands, with each shell and each awk on this machine. */
@ParameterizedClass
@MethodSource("hosts")
@Timeout(120)
class HelperCommandsTest {

  /**
   * The tools of a host.
   *
   * @param shell the shell that runs the script
   * @param awk the program that is installed as awk
   */
  record Host(List<String> shell, List<String> awk) {
    @Override
    public String toString() {
      return String.join(" ", shell) + " with " + String.join(" ", awk);
    }
  }

  /** Each shell with the default awk, and the default shell with each awk; without duplicates. */
  static Collection<Host> hosts() {
    var hosts = new LinkedHashMap<String, Host>();
    Stream.concat(
            Stream.of("sh", "dash", "bash --posix", "busybox sh", "ksh")
                .map(shell -> host(shell, "awk")),
            Stream.of("mawk", "gawk", "original-awk", "busybox awk").map(awk -> host("sh", awk)))
        .flatMap(Optional::stream)
        .forEach(host -> hosts.putIfAbsent(realName(host.shell) + realName(host.awk), host));
    return hosts.values();
  }

  private static Optional<Host> host(String shell, String awk) {
    var host = new Host(List.of(shell.split(" ")), List.of(awk.split(" ")));
    boolean isThere =
        program(host.shell.getFirst()).isPresent() && program(host.awk.getFirst()).isPresent();
    return isThere ? Optional.of(host) : Optional.empty();
  }

  private static String realName(List<String> words) {
    try {
      return program(words.getFirst()).orElseThrow().toRealPath()
          + " "
          + words.subList(1, words.size())
          + " ";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> program(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Result of a command. */
  private record Ended(int code, String stdout, String stderr) {}

  private final Host host;

  @TempDir Path temporary;
  private Path folder;
  private Path result;
  private Path progress;

  HelperCommandsTest(Host host) {
    this.host = host;
  }

  @BeforeEach
  void install() throws IOException {
    folder = Files.createDirectory(temporary.resolve("a run's $(folder)"));
    result = folder.resolve("result");
    progress = temporary.resolve("progress");
    var bin = Files.createDirectory(temporary.resolve("bin"));
    for (var command : List.of("capataz-output", "capataz-progress")) {
      try (var resource =
          requireNonNull(
              JobRun.class.getResourceAsStream("/io/capataz/agent/commands/" + command))) {
        Files.copy(resource, bin.resolve(command));
      }
    }
    var awk = bin.resolve("awk");
    var real = program(host.awk.getFirst()).orElseThrow();
    Files.writeString(
        awk, "#!/bin/sh\nexec " + real + (host.awk.size() > 1 ? " awk" : "") + " \"$@\"\n");
    assertThat(awk.toFile().setExecutable(true)).isTrue();
  }

  private ProcessBuilder prepared(List<String> words) {
    var builder = new ProcessBuilder(words);
    var environment = builder.environment();
    environment.put("PATH", temporary.resolve("bin") + ":" + environment.get("PATH"));
    environment.put("CAPATAZ_OUTPUT", result.toString());
    environment.put("CAPATAZ_PROGRESS", progress.toString());
    return builder;
  }

  private List<String> words(String command, List<String> arguments) {
    var words = new ArrayList<String>(host.shell);
    words.add(temporary.resolve("bin").resolve(command).toString());
    words.addAll(arguments);
    return words;
  }

  private Ended run(String command, String... arguments) throws Exception {
    return ended(prepared(words(command, List.of(arguments))));
  }

  /**
   * Passes arguments as raw bytes, because the JDK encodes them in the locale of the test machine.
   */
  private Ended runBytes(String command, List<byte[]> arguments) throws Exception {
    var input = new ByteArrayOutputStream();
    for (var argument : arguments) {
      input.writeBytes(argument);
      input.write(0);
    }
    var file = Files.write(temporary.resolve("arguments"), input.toByteArray());
    var words = new ArrayList<String>(List.of("xargs", "-0"));
    words.addAll(words(command, List.of()));
    return ended(prepared(words).redirectInput(file.toFile()));
  }

  private static Ended ended(ProcessBuilder builder) throws Exception {
    var out = Files.createTempFile("out", "");
    var err = Files.createTempFile("err", "");
    try {
      var process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      return new Ended(process.waitFor(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private JsonNode result() throws IOException {
    return MessageJson.mapper().readTree(Files.readAllBytes(result));
  }

  private List<JsonNode> said() throws IOException {
    try (var lines = Files.lines(progress)) {
      return lines.map(line -> MessageJson.mapper().readTree(line)).toList();
    }
  }

  private void assertDone(Ended ended) {
    assertThat(ended).isEqualTo(new Ended(0, "", ""));
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
  }

  private static void assertComplains(Ended ended, int code, String sentence) {
    assertThat(ended.stderr).contains(sentence).startsWith("capataz-").endsWith(".\n");
    assertThat(ended.stderr.lines()).hasSize(1);
    assertThat(ended.code).isEqualTo(code);
    assertThat(ended.stdout).isEmpty();
  }

  /** Texts that are likely to break something between a script and a JSON reader. */
  private static List<String> nasty() {
    var texts =
        new ArrayList<String>(
            List.of(
                "",
                " ",
                "  two  ",
                "\n",
                "ends in lines\n\n",
                "\r\n",
                "\t",
                "\"",
                "\\",
                "\\\\\"",
                "\\n",
                "\\u0041",
                "\\&",
                "&",
                "%s%d%%",
                "$(id)`id`$HOME",
                "'",
                "*",
                "-n",
                "--help",
                "a=b=c",
                "=",
                ":=",
                "{}",
                "}",
                ",",
                "\",",
                "null",
                "0",
                "1e3",
                "señal 日本語 ā い 🚀 \u00e9 e\u0301",
                "\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff\ud800\udc00\udbff\udfff\u2028",
                "\"".repeat(20_000),
                "x".repeat(511) + "é".repeat(1000) + "\n"));
    IntStream.range(1, 256).mapToObj(i -> "<" + (char) i + ">").forEach(texts::add);
    var random = new Random(7);
    for (int i = 0; i < 50; i++) {
      var text = new StringBuilder();
      for (int length = random.nextInt(60); length > 0; length--) {
        int most = random.nextInt(3) == 0 ? 0x10ffff : 0x120;
        int character = 1 + random.nextInt(most);
        if (character < 0xd800 || character > 0xdfff) {
          text.appendCodePoint(character);
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }

  @Test
  void values_arrive_byte_for_byte() throws Exception {
    var values = new LinkedHashMap<String, String>();
    nasty().forEach(text -> values.put("k" + values.size(), text));

    assertDone(
        runBytes(
            "capataz-output",
            values.entrySet().stream()
                .map(value -> utf8(value.getKey() + "=" + value.getValue()))
                .toList()));

    assertThat(strings(result())).isEqualTo(values);
    assertDone(run("capataz-output", "k0=read and written once more"));
    values.put("k0", "read and written once more");
    assertThat(strings(result())).isEqualTo(values);
  }

  @Test
  void keys_arrive_byte_for_byte_and_are_found_again() throws Exception {
    var values = new LinkedHashMap<String, String>();
    nasty().stream()
        .filter(key -> !key.isEmpty() && !key.contains("=") && !key.endsWith(":"))
        .forEach(key -> values.put(key, "old"));
    var old = values.keySet().stream().map(key -> utf8(key + "=old")).toList();

    // --help is the one key that cannot come first.
    assertDone(runBytes("capataz-output", old));
    assertThat(strings(result())).isEqualTo(values);
    values.replaceAll((_, _) -> "new");
    assertDone(
        runBytes(
            "capataz-output", values.keySet().stream().map(key -> utf8(key + "=new")).toList()));
    assertThat(strings(result())).isEqualTo(values);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, String> strings(JsonNode object) {
    var strings = new LinkedHashMap<String, String>();
    object
        .properties()
        .forEach(
            member -> {
              assertThat(member.getValue().isString()).isTrue();
              strings.put(member.getKey(), member.getValue().asString());
            });
    return strings;
  }

  @Test
  void json_is_taken_as_it_stands() throws Exception {
    assertDone(
        run(
            "capataz-output",
            "number:=1024",
            "text:=\"a\\n\\\"b\"",
            "object:={\"a\": [1,\n2, {\"b\":null}],\r\n\t\"c\": \",\"}",
            "yes:=true"));
    assertDone(run("capataz-output", "number:= -1.5e3 ", "more=1"));

    var expected = MessageJson.mapper().createObjectNode();
    expected.set("number", MessageJson.mapper().readTree("-1.5e3"));
    expected.put("text", "a\n\"b");
    expected.putObject("object").putArray("a").add(1).add(2).addObject().putNull("b");
    ((ObjectNode) expected.get("object")).put("c", ",");
    expected.put("yes", true).put("more", "1");
    assertThat(result()).isEqualTo(expected);
    assertThat(result().properties().stream().map(Map.Entry::getKey))
        .containsExactly("number", "text", "object", "yes", "more");
  }

  @Test
  void the_last_of_the_same_key_counts() throws Exception {
    assertDone(run("capataz-output", "a=1", "b=2", "a=3"));
    assertDone(run("capataz-output", "b:=4"));
    assertThat(result()).isEqualTo(MessageJson.mapper().readTree("{\"a\":\"3\",\"b\":4}"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', Argument 1 is not key=value",
    "secret, Argument 1 is not key=value",
    "=secret, Argument 1 has no key",
    ":=1, Argument 1 has no key",
    "a:=, Argument 1 has no JSON",
    "'a:= \t', Argument 1 has no JSON"
  })
  void a_malformed_argument_is_named_but_not_shown(String argument, String sentence)
      throws Exception {
    assertDone(run("capataz-output", "kept=1"));

    var ended = run("capataz-output", argument, "kept=2");

    assertComplains(ended, 2, sentence);
    assertThat(ended.stderr).doesNotContain("secret");
    assertComplains(run("capataz-output", "kept=2", argument), 2, sentence.replace("1", "2"));
    assertThat(result().get("kept").asString()).isEqualTo("1");
  }

  @Test
  void without_arguments_it_says_what_it_wants() throws Exception {
    assertComplains(run("capataz-output"), 2, "key=value");
    assertComplains(run("capataz-progress"), 2, "from 0 to 100");
    assertThat(result).doesNotExist();
    assertThat(progress).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"capataz-output, a=1, CAPATAZ_OUTPUT", "capataz-progress, 1, CAPATAZ_PROGRESS"})
  void outside_of_a_run_it_says_so(String command, String argument, String variable)
      throws Exception {
    var builder = prepared(words(command, List.of(argument)));
    builder.environment().remove(variable);
    assertComplains(ended(builder), 2, variable + " is not set");
    builder.environment().put(variable, "");
    assertComplains(ended(builder), 2, variable + " is not set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"capataz-output", "capataz-progress"})
  void help_says_how_it_is_used(String command) throws Exception {
    var ended = run(command, "--help");
    assertThat(ended.code).isZero();
    assertThat(ended.stdout).startsWith("Usage: " + command).contains("Exit codes:");
    assertThat(ended.stderr).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1}",
        "{\"a\":1}\n",
        "{\n  \"a\":1\n}\n",
        "{\n\"a\":1\n\"b\":2\n}\n",
        "{\n\"a\":{\n\"b\":1\n}\n}\n",
        "{\n\"a\":1,\n\"b\":\n}\n",
        "{\n\"a\":1\n",
        "\"a\":1\n}\n",
        "{\n\"a\\\":1\n}\n",
        "[]",
        "hello\n",
        "\n",
        "{\n"
      })
  void a_file_that_somebody_else_wrote_stays_as_it_is(String content) throws Exception {
    Files.writeString(result, content);
    assertComplains(run("capataz-output", "a=1"), 1, "left unchanged");
    assertThat(result).hasContent(content);
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void what_is_no_file_stays_as_it_is() throws Exception {
    Files.createDirectory(result);
    assertComplains(run("capataz-output", "a=1"), 1, "is not a readable file");
    assertThat(result).isEmptyDirectory();
    result = folder.resolve("nowhere/result");
    assertComplains(run("capataz-output", "a=1"), 1, "does not exist");
  }

  @Test
  void an_empty_file_is_filled() throws Exception {
    Files.createFile(result);
    assertDone(run("capataz-output", "a=1"));
    assertThat(strings(result())).isEqualTo(Map.of("a", "1"));
  }

  @Test
  void bytes_that_are_no_text_are_refused() throws Exception {
    assertDone(run("capataz-output", "a=1"));
    for (var bytes :
        List.of(
            new byte[] {'a', '=', (byte) 0xff},
            new byte[] {'a', '=', (byte) 0xc0, (byte) 0x80},
            new byte[] {'a', '=', (byte) 0xed, (byte) 0xa0, (byte) 0x80},
            new byte[] {'a', '=', (byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            new byte[] {'a', '=', (byte) 0xe2, (byte) 0x82},
            new byte[] {(byte) 0x80, '=', 'a'})) {
      assertThat(runBytes("capataz-output", List.of(bytes)).stderr).contains("is not valid UTF-8");
      assertThat(runBytes("capataz-progress", List.of(utf8("1"), bytes)).stderr)
          .contains("is not valid UTF-8");
    }
    assertThat(strings(result())).isEqualTo(Map.of("a", "1"));
    assertThat(progress).isEmptyFile();
  }

  @Test
  void parallel_calls_lose_nothing() throws Exception {
    var processes = new ArrayList<Process>();
    for (int i = 0; i < 8; i++) {
      processes.add(prepared(words("capataz-output", List.of("k" + i + "=" + i))).start());
    }
    for (var process : processes) {
      assertThat(process.waitFor()).isZero();
    }
    if (program("flock").isPresent()) {
      assertThat(result().properties()).hasSize(8);
    } else {
      assertThat(result().isObject()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "40, 40",
    "007, 7",
    "000, 0",
    "33.333, 33",
    "99.99, 99",
    "100, 100",
    "100.0, 100"
  })
  void says_how_far_the_script_has_come(String argument, int percent) throws Exception {
    assertDone(run("capataz-progress", argument));
    assertDone(run("capataz-progress", argument, "copying", "files"));
    assertThat(progress)
        .hasContent(
            "{\"percent\":"
                + percent
                + "}\n{\"percent\":"
                + percent
                + ",\"message\":\"copying files\"}\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "x", "-1", "+1", "101", "100.01", "1000", "1e1", "5%", ".5", "5.", "1.2.3", "1,5",
        "0x10"
      })
  void what_is_no_such_number_is_refused(String argument) throws Exception {
    assertComplains(run("capataz-progress", argument, "secret"), 2, "100");
    assertThat(progress).doesNotExist();
  }

  @Test
  void messages_arrive_byte_for_byte_and_not_too_long() throws Exception {
    var texts = nasty();
    for (var text : texts.stream().filter(text -> text.length() != 3).toList()) {
      assertDone(runBytes("capataz-progress", List.of(utf8("1"), utf8(text))));
    }
    var characters = String.join("", texts.stream().filter(text -> text.length() == 3).toList());
    var all = utf8(characters);
    assertThat(all.length).isBetween(600, 1200);
    int half = characters.length() / 2;
    assertDone(
        runBytes("capataz-progress", List.of(utf8("1"), utf8(characters.substring(0, half)))));
    assertDone(runBytes("capataz-progress", List.of(utf8("1"), utf8(characters.substring(half)))));

    var expected =
        new ArrayList<String>(
            texts.stream()
                .filter(text -> text.length() != 3)
                .map(HelperCommandsTest::cut)
                .toList());
    expected.add(characters.substring(0, half));
    expected.add(characters.substring(half));
    assertThat(said().stream().map(line -> line.get("message").asString()))
        .containsExactlyElementsOf(expected);
  }

  /** At most 600 bytes, without cutting a character. */
  private static String cut(String text) {
    var cut = text;
    while (utf8(cut).length > 600) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }

  @Test
  void lines_of_parallel_callers_do_not_mix() throws Exception {
    var processes = new ArrayList<Process>();
    for (int i = 0; i < 12; i++) {
      processes.add(
          prepared(words("capataz-progress", List.of("" + i, "\001".repeat(600)))).start());
    }
    for (var process : processes) {
      assertThat(process.waitFor()).isZero();
    }
    assertThat(said().stream().map(line -> line.get("percent").asInt()))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 12).boxed().toList());
    assertThat(said()).allMatch(line -> line.get("message").asString().length() == 600);
  }

  @Test
  void progress_that_cannot_be_written_is_a_sentence() throws Exception {
    Files.createDirectory(progress);
    var ended = run("capataz-progress", "1");
    assertThat(ended.code).isEqualTo(1);
    assertThat(ended.stderr).contains("Cannot write ");
  }
}
