package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.process.Accounts.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real user database of this host. */
class AccountsTest {

  private static Account found(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Found.class);
    return ((Answer.Found) answer).account();
  }

  private static String refused(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Refused.class);
    return ((Answer.Refused) answer).why();
  }

  private static List<String> words(String... command) throws Exception {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return Arrays.asList(text.strip().split("\\s+", -1));
  }

  @Test
  void root() {
    var root = found(Accounts.byName("root"));

    assertThat(root.name()).isEqualTo("root");
    assertThat(root.user()).isZero();
    assertThat(root.group()).isZero();
    assertThat(root.groups()).contains(0);
    assertThat(root.home()).isEqualTo("/root");
  }

  /** Compares with {@code id}, which uses the same library. */
  @Test
  void every_user_has_the_groups_that_id_says() throws Exception {
    var names =
        Files.readAllLines(Path.of("/etc/passwd")).stream()
            .map(line -> line.split(":", 2)[0])
            .filter(name -> name.matches("[a-z_][a-z0-9_-]*"))
            .limit(40)
            .toList();
    assertThat(names).contains("root", "nobody");
    for (var name : names) {
      var account = found(Accounts.byName(name));
      assertThat(words("id", "-u", name)).containsExactly(unsigned(account.user()));
      assertThat(words("id", "-g", name)).containsExactly(unsigned(account.group()));
      assertThat(account.groups().stream().map(AccountsTest::unsigned))
          .as(name)
          .containsExactlyInAnyOrderElementsOf(words("id", "-G", name));
    }
  }

  private static String unsigned(int number) {
    return Integer.toUnsignedString(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-u",
        "#0",
        "#-1",
        "+root",
        "root\n",
        "root\0",
        " root",
        "root ",
        "../x",
        "a/b",
        "a:b",
        "a,b",
        "pc$",
        "$(id)",
        "añb",
        "ro\u200bot"
      })
  void what_could_be_an_option_a_number_or_a_path_is_no_name(String name) {
    assertThat(refused(Accounts.byName(name))).contains("is not a valid user name").endsWith(".");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "00", "1000", "4294967295", "4294967296"})
  void a_number_is_no_name(String name) {
    assertThat(refused(Accounts.byName(name)))
        .isEqualTo("`" + name + "` is a number; give the name of the user.");
  }

  @Test
  void the_refusal_shows_nothing_that_moves_a_terminal() {
    assertThat(refused(Accounts.byName("x\n\u001b[2J"))).startsWith("`x??[2J` is not a valid");
  }

  @Test
  void an_empty_or_endless_name() {
    assertThat(refused(Accounts.byName(""))).isEqualTo("The user name is empty.");
    assertThat(refused(Accounts.byName("x".repeat(256)))).contains("too long");
  }

  @Test
  void whom_nobody_knows() {
    assertThat(refused(Accounts.byName("no-such-user")))
        .isEqualTo("No user `no-such-user` on this host.");
    assertThat(refused(Accounts.byName("x".repeat(255)))).startsWith("No user");
    assertThat(refused(Accounts.byName(".."))).startsWith("No user");
    assertThat(refused(Accounts.byName("Root"))).startsWith("No user `Root`");
  }

  @Test
  void the_number_that_means_no_change_is_nobody() {
    assertThatThrownBy(() -> new Account("x", -1, 1, List.of(1), "/"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Account("x", 1, 1, List.of(1, -1), "/"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void many_may_ask_at_once() {
    var root = Accounts.byName("root");
    assertThat(IntStream.range(0, 200).parallel().mapToObj(_ -> Accounts.byName("root")))
        .allMatch(root::equals);
  }
}
