package io.capataz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other systems keep becomes definitions, and what does not is said. */
class ImportTest {

  private static final Path PAGE = Path.of("../docs/migrating.md");

  private static final String RUNDECK =
      """
      - name: restart
        group: web/ops
        description: Restarts a service
        uuid: 6e0e
        loglevel: INFO
        multipleExecutions: true
        timeout: 1h 30m
        retry: {retry: '2', delay: 5m}
        nodefilters: {filter: 'tags: web'}
        notification: {onfailure: {email: {recipients: ops@example.org}}}
        options:
          - {name: service, required: true, enforced: true, values: [nginx, php-fpm]}
          - {name: pass-word, secure: true, storagePath: keys/x}
          - {name: tag, regex: 'v[0-9]+', value: v1}
        sequence:
          keepgoing: false
          strategy: node-first
          commands:
            - exec: systemctl restart ${option.service}
        schedule: {time: {seconds: '0', minute: '30', hour: '06'}, month: '*', weekday: {day: 2-6}}
      - name: build
        options: [{name: a/b}]
        sequence:
          keepgoing: true
          commands:
            - script: |
                #!/bin/bash
                make "@option.a/b@"
            - script: print("${node.name}")
              scriptInterpreter: python3 -u
        schedule: {crontab: '0 0 3 ? * SUN#2 *'}
      - name: nested
        sequence: {commands: [{exec: a}, {jobref: {name: build}}]}
      - name: leap
        executionEnabled: false
        sequence: {commands: [{exec: leap}]}
        schedule: {crontab: '0 0 3 1 1 ? 2028'}
      """;

  @TempDir Path folder;

  private Typed.Ended crontab(String text, String... more) throws IOException {
    return imported("crontab", text, more);
  }

  private Typed.Ended imported(String from, String text, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("input"), text);
    List<String> words =
        new ArrayList<>(
            List.of("import", from, file.toString(), "--host", "web-1", "--zone", "UTC"));
    words.addAll(List.of(more));
    Typed.Ended ended = new Typed().run(words.toArray(String[]::new));
    assertThat(ended.code()).as(ended.err()).isZero();
    return ended;
  }

  @Test
  void the_examples_of_the_page_are_true() throws IOException {
    List<String> blocks =
        Pattern.compile("```\\w+\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map((MatchResult block) -> block.group(1))
            .toList();
    Path file = Files.writeString(folder.resolve("crontab.txt"), blocks.get(1));
    Path jobs = Files.writeString(folder.resolve("jobs.yaml"), RUNDECK);

    Typed.Ended ended = new Typed().run(words(blocks.get(0), "crontab.txt", file));

    assertThat(ended.out()).isEqualTo(blocks.get(2));
    assertThat(ended.err()).isEqualTo(blocks.get(3));
    assertThat(new Typed().run(words(blocks.get(4), "jobs.yaml", jobs)).out())
        .contains("pool: web\n");
  }

  /** The words of a command that writes into a file, without that. */
  private static String[] words(String command, String name, Path file) {
    return command
        .substring("capataz ".length(), command.indexOf(" >"))
        .replace(name, file.toString())
        .split(" ", -1);
  }

  @Test
  void lines_of_a_crontab_become_tasks_and_schedules() throws IOException {
    Typed.Ended ended =
        crontab(
            """
            # m h dom mon dow command
            SHELL=/bin/bash
            REGION = "eu west"
            @midnight cd /srv && ./rotate.sh --all
            */5 * * * * nice -n 5 python3 /opt/check.py
            0 9 1 * mon mail -s hi ops%Dear%100\\% sure
            """);

    assertThat(ended.out())
        .contains("name: rotate\n", "cron: '@daily'\n", "REGION: eu west\n")
        .contains("name: check\n", "cron: '*/5 * * * *'\n")
        .contains("    #!/bin/bash\n    { mail -s hi ops\n    } <<'STDIN'\n    Dear\n")
        .contains("    100% sure\n    STDIN\n", "cron: 0 9 1 * *\n", "cron: 0 9 * * mon\n")
        .doesNotContain("run_as");
    assertThat(ended.err()).contains("line 6: names a day of the month and one of the week");
  }

  @Test
  void what_cron_has_and_we_have_not_is_said() throws IOException {
    Typed.Ended ended =
        crontab(
            """
            MAILTO=ops@example.org
            LD_PRELOAD=/lib/x.so
            @reboot root /usr/sbin/start
            0~30 * * * * root /bin/random
            15 4 * * * www-data /usr/bin/php /srv/cron.php
            15 4 * * * root /srv/cron.php
            nonsense
            """,
            "--users");

    assertThat(ended.err().lines())
        .contains(
            "line 1: MAILTO is not carried over; set callback_url of the tasks.",
            "line 2: LD_PRELOAD is refused by every host whose policy does not list it.",
            "line 3: @reboot has no counterpart; a service of systemd may be one.",
            "line 4: its time '0~30 * * * *' is not understood.",
            "line 7: is no line of a crontab.",
            "user root: the agent has to be root, and the host's policy to allow this user.");
    assertThat(ended.out())
        .contains("name: cron\n", "name: cron-2\n", "run_as: www-data\n")
        .doesNotContain("start", "random", "LD_PRELOAD");
  }

  @Test
  void a_job_with_one_step_becomes_a_task() throws IOException {
    Typed.Ended ended = imported("rundeck", RUNDECK);

    String task = ended.out().substring(0, ended.out().indexOf("kind: schedule"));
    assertThat(task)
        .contains("name: restart\n", "description: Restarts a service\n", "- web/ops\n")
        .contains("timeout: 5400\n", "max_attempts: 3\n", "retry_delay: 300\n")
        .contains("type: select\n", "- php-fpm\n", "masked: true\n", "^(?:v[0-9]+)$")
        .contains("export RD_OPTION_SERVICE=\"${1}\"\n", "export RD_OPTION_PASS_WORD=\"${2}\"\n")
        .contains("systemctl restart ${RD_OPTION_SERVICE}\n")
        .doesNotContain("multitasking");
    assertThat(ended.out()).contains("task: restart\n", "cron: 30 06 * * 1-5\n");
    assertThat(ended.err().lines())
        .contains(
            "restart: option pass-word: its value came from the key storage; use a credential of"
                + " the task.",
            "restart: its node filter 'tags: web' is not carried over: it runs on host web-1. For"
                + " many hosts, see fleet runs.",
            "restart: notification is not carried over.");
  }

  @Test
  void a_job_with_several_steps_becomes_a_workflow() throws IOException {
    Typed.Ended ended = imported("rundeck", RUNDECK);

    assertThat(ended.out())
        .contains("name: build-1\n", "make \"${RD_OPTION_A_B}\"\n", "multitasking: false\n")
        .contains("name: build-2\n", "- python3\n", "filename: script\n")
        .contains("kind: workflow\nname: build\n", "a/b: /arguments/a~1b\n")
        .contains("continue_on_error: true\n", "w: build-2\n", "cron: 0 3 * * SUN#2\n");
    assertThat(ended.err().lines())
        .contains(
            "build: its script is not for a shell: it gets its options as arguments, in order.",
            "build: its script uses variables of job or node, which do not exist.",
            "nested: step 2 (jobref) has no counterpart; the job is left out.",
            "leap: its schedule is disabled, or for certain years; left out.");
    assertThat(ended.out()).contains("enable: false\n").doesNotContain("nested", "2028");
  }

  @Test
  void it_is_said_where_tasks_are_to_run() {
    assertThat(new Typed().run("import", "crontab", "-").err())
        .contains("Say where the tasks run: --host NAME or --pool NAME.");
    assertThat(new Typed().run("import", "rundeck", "-", "--pool", "a", "--zone", "Mars").err())
        .contains("Unknown --zone 'Mars'");
    assertThat(new Typed().input("[").run("import", "rundeck", "-", "--pool", "a").code())
        .isEqualTo(2);
  }
}
