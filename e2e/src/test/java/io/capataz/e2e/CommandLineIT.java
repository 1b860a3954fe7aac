package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command says the same to the same mistake, and a start that fails is one sentence. */
class CommandLineIT {

  private static final List<String> COMMANDS =
      List.of("demo", "standalone", "supervisor", "agent", "broker", "store");

  private static final String NO_STORE = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200";

  @TempDir Path folder;

  /** What a command ended with. */
  private record Ended(String command, int code, String out, String err) {

    void isSentence(int expectedCode, String sentence) {
      assertThat(err)
          .as(command + "\n" + out)
          .startsWith(sentence)
          .endsWith("\n")
          .containsOnlyOnce("\n");
      assertThat(out).as(command).doesNotContain("Exception", "\tat ");
      assertThat(code).as(command).isEqualTo(expectedCode);
    }
  }

  @Test
  void help_goes_to_standard_output() throws Exception {
    for (Ended help : endOfEach("--help")) {
      assertThat(help.err()).as(help.command()).isEmpty();
      assertThat(help.out())
          .startsWith("Usage: ./capataz " + help.command())
          .contains("--help", "--version")
          .doesNotContain("Exception");
      assertThat(help.code()).isZero();
    }
  }

  @Test
  void the_version_is_the_build_s() throws Exception {
    String pom = Files.readString(Launched.LAUNCHER.resolveSibling("pom.xml"));
    String version =
        Pattern.compile("<version>(.*)</version>")
            .matcher(pom)
            .results()
            .toList()
            .getFirst()
            .group(1);
    for (Ended told : endOfEach("--version")) {
      assertThat(told.err()).as(told.command()).isEmpty();
      assertThat(told.out()).isEqualTo("capataz " + version + "\n");
      assertThat(told.code()).isZero();
    }
  }

  @Test
  void an_unknown_flag_is_a_sentence_with_a_hint() throws Exception {
    for (Ended refused : endOfEach("--frobnicate=1")) {
      refused.isSentence(
          2,
          "Unknown option: '--frobnicate'. See './capataz %s --help'."
              .formatted(refused.command()));
      assertThat(refused.out()).isEmpty();
    }
  }

  @Test
  void a_wrong_value_names_its_flag_or_its_variable() throws Exception {
    Commands commands = new Commands();
    for (String command : List.of("standalone", "supervisor", "broker", "store")) {
      commands.add(Map.of(), command, "--port=http");
    }
    commands.add(Map.of(), "agent", "--supervisor=http://127.0.0.1:1", "--slots=0");
    commands.add(Map.of("CAPATAZ_SLOTS", "0"), "standalone");
    commands.add(
        Map.of("CAPATAZ_ANNOUNCEMENT_PARTITIONS", "many"),
        "supervisor",
        "--mongodb-uri=" + NO_STORE);
    List<Ended> ended = commands.end();

    for (Ended wrongPort : ended.subList(0, 4)) {
      wrongPort.isSentence(
          2,
          "Invalid --port 'http': must be a number from 0 to 65535. See './capataz %s --help'."
              .formatted(wrongPort.command()));
    }
    ended.get(4).isSentence(2, "Invalid --slots '0': must be a number from 1 to 256. See ");
    ended.get(5).isSentence(2, "Invalid CAPATAZ_SLOTS '0': must be a number from 1 to 256. See ");
    ended
        .get(6)
        .isSentence(
            2,
            "Invalid capataz.announcement-partitions (CAPATAZ_ANNOUNCEMENT_PARTITIONS) 'many':"
                + " must be a number. See ");
  }

  @Test
  void a_start_that_cannot_be_is_one_sentence() throws Exception {
    String file = Files.createFile(folder.resolve("file")).toString();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = "--port=" + taken.getLocalPort();
      String portTaken =
          "Port %d of 127.0.0.1 is taken by another process.".formatted(taken.getLocalPort());
      Commands commands = new Commands();
      commands.expect(1, portTaken, "store", "--data=" + folder.resolve("s"), port);
      commands.expect(1, portTaken, "broker", "--data=" + folder.resolve("b"), port);
      commands.expect(1, portTaken, "standalone", "--data=" + folder.resolve("d"), port);
      commands.expect(1, "The store cannot write to the folder " + file, "store", "--data=" + file);
      commands.expect(
          1, "The broker cannot write to the folder " + file, "broker", "--data=" + file);
      commands.expect(
          1, "The data folder %s cannot be used".formatted(file), "standalone", "--data=" + file);
      commands.expect(
          1,
          "Cannot use the data folder %s:".formatted(file),
          "agent",
          "--supervisor=http://127.0.0.1:1",
          "--data=" + file);
      commands.expect(2, "The agent does not know its supervisor.", "agent");
      commands.expect(2, "capataz.mongodb-uri (CAPATAZ_MONGODB_URI) is not set.", "supervisor");
      commands.expect(
          1, "MongoDB at 127.0.0.1:1 does not answer.", "supervisor", "--mongodb-uri=" + NO_STORE);
      commands.expect(
          1,
          "MongoDB at 127.0.0.1:1 does not answer.",
          "standalone",
          "--data=" + folder.resolve("e"),
          "--port=0",
          "--mongodb-uri=" + NO_STORE);
      commands.add( // Not even root makes a folder there.
          Map.of("CAPATAZ_JAVA_OPTIONS", "-Djava.io.tmpdir=/proc"), "demo");
      List<Ended> ended = commands.end();

      ended.getLast().isSentence(1, "The demo cannot make a folder in /proc.");
    }
  }

  @Test
  void an_agent_without_a_token_says_what_it_needs() throws Exception {
    Commands commands = new Commands();
    commands.add(
        Map.of(), "agent", "--supervisor=http://127.0.0.1:1", "--data=" + folder.resolve("agent"));
    Ended ended = commands.end().getFirst();

    assertThat(ended.err())
        .contains("This agent is not enrolled and has no join token.", "--join-token-file")
        .doesNotContain("\tat ");
    assertThat(ended.code()).isEqualTo(1);
  }

  @Test
  void a_supervisor_that_has_its_store_says_what_else_is_wrong() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Path nonsense = Files.writeString(folder.resolve("vault.key"), "nonsense\n");
    nonsense.toFile().setReadable(false, false);
    nonsense.toFile().setReadable(true, true);
    try (Launched store =
            Launched.run("store", "--no-password", "--data", folder.resolve("store").toString());
        ServerSocket taken = new ServerSocket(0)) {
      String uri = store.line(Pattern.compile("store ready on (\\S+) ")).group(1);
      Commands commands = new Commands();
      commands.expect(
          1,
          "Port %d is taken by another process.".formatted(taken.getLocalPort()),
          supervisor(uri, "port", "--port=" + taken.getLocalPort()));
      commands.expect(
          1,
          "Line 1 of the vault key file %s is not a valid key.".formatted(nonsense),
          supervisor(uri, "invalid", "--port=0", "--vault-key-file=" + nonsense));
      commands.expect(
          1,
          "Cannot read the vault key file /nowhere/vault.key",
          supervisor(uri, "missing", "--port=0", "--vault-key-file=/nowhere/vault.key"));
      commands.expect(
          1,
          "The file %s/vault.key cannot be written".formatted(file),
          "supervisor",
          "--mongodb-uri=" + uri + "/folder",
          "--port=0",
          "--data=" + file);
      commands.expect(
          2,
          "Invalid capataz.kafka (CAPATAZ_KAFKA, --kafka) 'nonsense': must be HOST:PORT",
          supervisor(uri, "kafka", "--port=0", "--kafka=nonsense"));
      var _ = commands.end();
    }
  }

  private String[] supervisor(String store, String name, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "supervisor",
                "--mongodb-uri=%s/%s".formatted(store, name),
                "--data=" + folder.resolve(name)));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private List<Ended> endOfEach(String flag) throws Exception {
    Commands commands = new Commands();
    for (String command : COMMANDS) {
      commands.add(Map.of(), command, flag);
    }
    return commands.end();
  }

  /** Commands that run two at a time. */
  private final class Commands {

    private static final int SECONDS = 300;

    private final List<Callable<Ended>> runs = new ArrayList<>();

    /** One more, of which a sentence is expected. */
    void expect(int code, String sentence, String... words) {
      int number = runs.size();
      runs.add(
          () -> {
            Ended ended = run(number, Map.of(), words);
            ended.isSentence(code, sentence);
            return ended;
          });
    }

    void add(Map<String, String> environment, String... words) {
      int number = runs.size();
      runs.add(() -> run(number, environment, words));
    }

    List<Ended> end() throws Exception {
      List<Ended> ended = new ArrayList<>();
      try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
        for (Future<Ended> each : pool.invokeAll(runs)) {
          ended.add(each.get());
        }
      }
      return ended;
    }

    private Ended run(int number, Map<String, String> environment, String... words)
        throws IOException, InterruptedException {
      File out = folder.resolve(number + ".out").toFile();
      File err = folder.resolve(number + ".err").toFile();
      List<String> command = new ArrayList<>(List.of(Launched.LAUNCHER.toString()));
      command.addAll(List.of(words));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(out)
              .redirectError(err);
      builder.environment().keySet().removeIf(name -> name.startsWith("CAPATAZ_"));
      builder
          .environment()
          .putAll(
              Map.of(
                  "CAPATAZ_AOT", "off",
                  "CAPATAZ_JAVA_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
                  "JAVA_HOME", System.getProperty("java.home")));
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError(
              String.join(" ", words) + " does not end:\n" + Files.readString(err.toPath()));
        }
        return new Ended(
            words[0],
            process.exitValue(),
            Files.readString(out.toPath()),
            Files.readString(err.toPath()));
      } finally {
        process.destroyForcibly();
      }
    }
  }
}
