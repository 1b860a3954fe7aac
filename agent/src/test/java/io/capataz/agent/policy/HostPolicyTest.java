package io.capataz.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPolicyTest {

  private static final String DIGEST = "sha256:" + "0a".repeat(32);

  @TempDir Path folder;

  private Path file;
  private int me;

  @BeforeEach
  void aPlaceForIt() throws IOException {
    file = folder.resolve("policy.yaml");
    me = (Integer) Files.getAttribute(folder, "unix:uid");
  }

  private HostPolicy policy(String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    return new HostPolicy(file, true, me);
  }

  private static WantedRun run() {
    return run("/bin/sh", Set.of());
  }

  private static WantedRun run(String interpreter, Set<String> environment) {
    return run("deploy", interpreter, List.of(), environment);
  }

  private static WantedRun run(
      String user, String interpreter, List<String> words, Set<String> environment) {
    return new WantedRun(
        user,
        user.contains("%script%"),
        false,
        "t1",
        "backup",
        DIGEST,
        interpreter,
        words,
        environment,
        Duration.ofMinutes(10));
  }

  private static Optional<String> refusal(HostPolicy policy) {
    return policy.refusal(run());
  }

  @Test
  void without_a_file_in_the_usual_place_everything_is_allowed() {
    assertThat(refusal(new HostPolicy(file, false, me))).isEmpty();
  }

  @Test
  void a_file_that_was_named_and_is_not_there_refuses_everything() {
    assertThat(refusal(new HostPolicy(file, true, me)).orElseThrow())
        .isEqualTo(
            "All jobs are refused on this host, because its policy "
                + file
                + " is invalid: the file does not exist.");
  }

  @Test
  void a_link_that_leads_nowhere_is_a_file_that_is_not_there() throws IOException {
    Files.createSymbolicLink(file, folder.resolve("nothing"));
    assertThat(refusal(new HostPolicy(file, false, me))).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          users: [deploy]                 | users: [root, deployer]     | users
          tasks: [t1]                     | tasks: [t2]                 | tasks
          tasks: [backup]                 | tasks: [back]               | tasks
          scripts: ["DIGEST"]             | scripts: []                 | scripts
          interpreters: [/bin/sh]         | interpreters: [/bin/cat]    | interpreters
          max_timeout: 600                | max_timeout: 599            | max_timeout
          environment: []                 | users: []                   | users
          """)
  void each_rule_allows_what_it_names_and_refuses_the_rest(
      String allows, String refuses, String rule) throws IOException {
    assertThat(refusal(policy("version: 1\n" + allows.replace("DIGEST", DIGEST)))).isEmpty();
    assertThat(refusal(policy("version: 1\n" + refuses)).orElseThrow())
        .startsWith("Refused by the policy of this host, " + file + ": ")
        .endsWith("(rule `" + rule + "`).");
  }

  @Test
  void every_rule_that_is_there_must_allow_it() throws IOException {
    assertThat(refusal(policy("version: 1\nusers: [deploy]\ntasks: [other]\n"))).isPresent();
  }

  @Test
  void variables_are_allowed_by_name_and_by_beginning() throws IOException {
    var policy = policy("version: 1\nenvironment: [LANG, 'APP_*']\n");
    assertThat(policy.refusal(run("/bin/sh", Set.of("LANG", "APP_", "APP_KEY")))).isEmpty();
    assertThat(policy.refusal(run("/bin/sh", Set.of("APP_KEY", "PATH", "LANGUAGE"))).orElseThrow())
        .contains("`LANGUAGE`");
    assertThat(policy("version: 1\nenvironment: ['*']\n").refusal(run("/bin/sh", Set.of("PATH"))))
        .isEmpty();
  }

  @Test
  void an_interpreter_is_the_file_that_its_name_leads_to() throws IOException {
    var program = Files.createFile(folder.resolve("python3.13"));
    var link = Files.createSymbolicLink(folder.resolve("python3"), program);
    var policy = policy("version: 1\ninterpreters: [" + program + "]\n");
    assertThat(policy.refusal(run(link.toString(), Set.of()))).isEmpty();
    assertThat(policy.refusal(run("python3", Set.of())))
        .describedAs("what is not a full path leads wherever the script's folder is")
        .isPresent();
    assertThat(policy.refusal(run(folder.resolve("gone").toString(), Set.of()))).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /bin/sh                | interpreters: [/bin/sh]            | true
          /bin/sh -eu            | interpreters: ["/bin/sh -eu"]      | true
          /bin/sh -eu            | interpreters: ["/bin/sh  -eu"]     | true
          /bin/sh -eu            | interpreters: [/bin/sh]            | false
          /bin/sh                | interpreters: ["/bin/sh -eu"]      | false
          /bin/sh -c echo~evil | interpreters: ["/bin/sh -c echo evil"] | false
          /bin/sh                | tasks: [t1]                        | false
          """)
  void with_scripts_the_interpreter_that_a_task_names_is_listed_whole(
      String words, String rule, boolean allowed) throws IOException {
    var named = List.of(words.split(" ", -1)).stream().map(word -> word.replace('~', ' ')).toList();
    var policy = policy("version: 1\nscripts: ['" + DIGEST + "']\n" + rule + "\n");
    var refusal = policy.refusal(run("deploy", "/bin/sh", named, Set.of()));
    assertThat(refusal.isEmpty()).as(refusal.toString()).isEqualTo(allowed);
    assertThat(refusal.orElse("(rule `interpreters`)")).contains("(rule `interpreters`)");
    assertThat(
            policy("version: 1\ninterpreters: [/bin/sh]\n")
                .refusal(run("deploy", "/bin/sh", named, Set.of())))
        .as("without `scripts` it may do anything anyway")
        .isEmpty();
  }

  @Test
  void with_scripts_a_command_template_is_listed_too() throws IOException {
    var template = "sh -c 'echo evil' %script%";
    var evil = run(template, "/bin/sh", List.of(), Set.of());
    assertThat(policy("version: 1\nscripts: ['" + DIGEST + "']\n").refusal(evil).orElseThrow())
        .contains("`" + template + "` must be listed too (rule `users`)");
    assertThat(
            policy("version: 1\nscripts: ['" + DIGEST + "']\nusers: [\"" + template + "\"]\n")
                .refusal(evil))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "BASH_ENV",
        "ENV",
        "IFS",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONHOME",
        "NODE_OPTIONS",
        "PERL5LIB",
        "PERL5OPT",
        "RUBYLIB",
        "RUBYOPT",
        "GCONV_PATH",
        "JAVA_TOOL_OPTIONS",
        "GIT_SSH_COMMAND"
      })
  void what_makes_programs_load_code_is_allowed_by_its_whole_name_only(String name)
      throws IOException {
    WantedRun wanted = run("/bin/sh", Set.of("HARMLESS", name));
    assertThat(new HostPolicy(file, false, me).refusal(wanted).orElseThrow())
        .startsWith("Refused by this host: tasks may not set the variable `" + name + "`");
    assertThat(policy("version: 1\nenvironment: ['*']\n").refusal(wanted)).isPresent();
    assertThat(
            policy("version: 1\nenvironment: ['" + name.substring(0, 2) + "*', HARMLESS]\n")
                .refusal(wanted))
        .isPresent();
    assertThat(policy("version: 1\nenvironment: [HARMLESS, " + name + "]\n").refusal(wanted))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONIOENCODING",
        "PYTHONUTF8",
        "NODE_ENV",
        "env",
        "JAVA_HOME",
        "ENVIRONMENT",
        "GIT_AUTHOR_NAME"
      })
  void what_only_changes_how_a_program_works_is_allowed(String name) {
    assertThat(new HostPolicy(file, false, me).refusal(run("/bin/sh", Set.of(name)))).isEmpty();
  }

  @Test
  void programs_need_no_interpreter_but_leave() throws IOException {
    WantedRun program = run(WantedRun.NO_INTERPRETER, Set.of());
    assertThat(policy("version: 1\ninterpreters: [binary]\n").refusal(program)).isEmpty();
    assertThat(policy("version: 1\ninterpreters: [/bin/sh]\n").refusal(program)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "users: [deploy]",
        "version: 2",
        "version: '1'",
        "version: 1\nuser: [deploy]",
        "version: 1\nusers: deploy",
        "version: 1\nusers:",
        "version: 1\nusers: {deploy: true}",
        "version: 1\nusers: [deploy, 7]",
        "version: 1\nusers: [deploy]\nusers: [root]",
        "version: 1\nscripts: [sha256:abc]",
        "version: 1\ninterpreters: [sh]",
        "version: 1\nenvironment: ['A*B']",
        "version: 1\nmax_timeout: 0",
        "version: 1\nmax_timeout: 1h",
        "version: 1\nusers: [deploy",
        "- version: 1",
        "version: 1\n---\nusers: []",
      })
  void what_it_does_not_understand_refuses_everything(String text) throws IOException {
    assertThat(refusal(policy(text)).orElseThrow())
        .startsWith("All jobs are refused on this host, because its policy " + file);
  }

  @Test
  void what_others_may_write_to_refuses_everything() throws IOException {
    var policy = policy("version: 1\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    assertThat(refusal(policy).orElseThrow()).contains("writable by others than its owner");
  }

  @Test
  void what_belongs_to_a_stranger_refuses_everything() throws IOException {
    var policy = policy("version: 1\n");
    assumeTrue(me == 0, "only root can give files away");
    Files.setAttribute(file, "unix:uid", 65_534);
    assertThat(refusal(policy).orElseThrow()).contains("must be owned by root");
  }

  @Test
  void what_is_not_text_or_too_long_refuses_everything() throws IOException {
    var policy = policy("version: 1\n");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThat(refusal(policy).orElseThrow()).contains("not UTF-8");
    Files.writeString(file, "#".repeat(2_000_000));
    assertThat(refusal(policy).orElseThrow()).contains("larger");
  }

  @Test
  void a_change_counts_from_the_next_run_on() throws IOException {
    var policy = policy("version: 1\ntasks: [t1]\n");
    assertThat(refusal(policy)).isEmpty();
    Files.writeString(file, "version: 1\ntasks: [t2]\n");
    assertThat(refusal(policy)).isPresent();
    Files.delete(file);
    assertThat(refusal(policy)).describedAs("it was named, so it must be there").isPresent();
    assertThat(policy.problem()).isPresent();
    policy("version: 1\n");
    assertThat(refusal(policy)).isEmpty();
    assertThat(policy.problem()).isEmpty();
  }
}
