package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.host.ThisHost;
import io.capataz.agent.process.Account;
import io.capataz.testing.Missing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptUsersTest {

  private static final int ROOT = 0;
  private static final String PATH = "/usr/bin:/bin";

  @TempDir Path folder;

  private static Account taken(ScriptUsers users) throws Exception {
    return users.take().orElseThrow();
  }

  @Test
  void each_run_of_a_root_agent_has_a_user_of_its_own() throws Exception {
    var users = ScriptUsers.of("own:60900-60902", ROOT);
    var one = taken(users);
    var other = taken(users);
    var third = taken(users);

    assertThat(List.of(one.user(), other.user(), third.user()))
        .containsExactly(60_900, 60_901, 60_902);
    assertThat(one.groups()).containsExactly(60_900);
    assertThat(users.isOwn(one)).isTrue();
    assertThatThrownBy(users::take)
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("60900 to 60902, are in use")
        .hasMessageContaining("--run-as own:FROM-TO");

    users.giveBack(other.user());

    assertThat(taken(users).user()).isEqualTo(60_901);
    assertThat(users.isOwn(new Account("deploy", 1000, 1000, List.of(1000), ""))).isFalse();
  }

  @Test
  void what_was_given_back_is_used_again_as_late_as_possible() throws Exception {
    var users = ScriptUsers.of("own:60900-60910", ROOT);
    var one = taken(users);
    users.giveBack(one.user());
    assertThat(taken(users)).isNotEqualTo(one);
  }

  @Test
  void a_user_with_processes_is_not_given_to_another_run() throws Exception {
    Missing.unless(ThisHost.userNumber() == ROOT, "only root starts processes of others");
    var process =
        new ProcessBuilder("setpriv", "--reuid=60900", "--clear-groups", "sleep", "600").start();
    try {
      await()
          .until(
              () ->
                  Files.getAttribute(Path.of("/proc/" + process.pid()), "unix:uid").equals(60_900));
      assertThat(taken(ScriptUsers.of("own:60900-60901", ROOT)).user()).isEqualTo(60_901);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void a_run_that_goes_on_keeps_its_user() throws Exception {
    Missing.unless(ThisHost.userNumber() == ROOT, "only root can give files away");
    Files.setAttribute(folder, "unix:uid", 60_900);
    var users = ScriptUsers.of("own:60900-60901", ROOT);

    assertThat(users.takeAgain(folder)).contains(60_900);

    assertThat(taken(users).user()).isEqualTo(60_901);
    Files.setAttribute(folder, "unix:uid", 0);
    assertThat(users.takeAgain(folder)).as("not from the range").isEmpty();
  }

  @Test
  void an_ordinary_agent_runs_scripts_as_itself() throws Exception {
    var users = ScriptUsers.of("own", 1000);
    assertThat(users.take()).isEmpty();
    assertThat(users.isAgentsOwn()).isTrue();
    assertThat(users.description()).endsWith("runs as the agent's user `" + ThisHost.user() + "`");
  }

  @Test
  void the_setting_may_name_a_user() throws Exception {
    var users = ScriptUsers.of("daemon", ROOT);
    assertThat(taken(users).name()).isEqualTo("daemon");
    assertThat(users.isOwn(taken(users))).isFalse();
    assertThat(users.description()).endsWith("runs as `daemon`");
    assertThatThrownBy(() -> ScriptUsers.of("daemon", 1000).take())
        .isInstanceOf(RunAs.Refused.class)
        .hasMessageContaining("cannot run scripts as `daemon`. Start it as root");
    assertThatThrownBy(() -> ScriptUsers.of("no-such-user", ROOT).take())
        .isInstanceOf(RunAs.Refused.class);
  }

  @Test
  void it_is_said_which_numbers_are_used() {
    assertThat(ScriptUsers.of("own", ROOT).description())
        .isEqualTo(
            "a script whose task has no run_as runs as a user of its own, numbered 60578 to 61183");
  }

  private static RunAs runAs(String runAs, String setting, String... listed) throws Exception {
    return RunAs.of(runAs, PATH, ScriptUsers.of(setting, ROOT), List.of(listed)::contains);
  }

  @ParameterizedTest
  @ValueSource(strings = {"root", "", "sh %script%"})
  void nothing_runs_as_root_unless_the_owner_of_the_host_says_so(String runAs) throws Exception {
    Missing.unless(ThisHost.userNumber() == ROOT, "the agent is not root here");
    if (runAs.equals("root")) {
      assertThatThrownBy(() -> runAs(runAs, "own"))
          .isInstanceOf(RunAs.Refused.class)
          .hasMessageContaining("lists `root` in the policy")
          .hasMessageContaining("--run-as agent");
    } else {
      assertThat(runAs(runAs, "own").account().map(Account::user)).contains(60_578);
    }
    assertThat(runAs(runAs, "agent").account()).isEmpty();
    assertThat(runAs(runAs, "own", runAs.isEmpty() ? "root" : runAs).account()).isEmpty();
  }

  @Test
  void a_policy_that_lists_both_means_each_where_it_is_asked_for() throws Exception {
    Missing.unless(ThisHost.userNumber() == ROOT, "the agent is not root here");
    assertThat(runAs("", "own", "root", "own").user()).isEqualTo("own");
    assertThat(runAs("root", "own", "root", "own").account()).isEqualTo(Optional.empty());
  }
}
