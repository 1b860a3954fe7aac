package io.capataz.supervisor.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys are random, recognised, and never told by accident. */
class AccessKeyTest {

  @ParameterizedTest
  @EnumSource
  void what_was_issued_is_read_again(AccessKey.Kind kind) {
    var issued = AccessKey.issue(kind);

    assertThat(AccessKey.parse(issued.text().reveal()))
        .hasValueSatisfying(
            key -> {
              assertThat(key.kind()).isEqualTo(kind);
              assertThat(key.id()).isEqualTo(issued.key().id());
              assertThat(key.matches(issued.key().hash())).isTrue();
            });
  }

  @Test
  void a_key_fits_into_a_path_and_a_shell_word() {
    assertThat(AccessKey.issue(AccessKey.Kind.SK).text().reveal())
        .matches("cpz_sk_[0-9A-Za-z]{65}");
  }

  @Test
  void no_two_keys_share_anything() {
    var ids = new HashSet<String>();
    var hashes = new HashSet<String>();
    for (var i = 0; i < 1_000; i++) {
      var key = AccessKey.issue(AccessKey.Kind.SK).key();
      assertThat(ids.add(key.id())).isTrue();
      assertThat(hashes.add(key.hash())).isTrue();
    }
  }

  @Test
  void what_is_kept_tells_nothing_of_what_was_handed_out() {
    var issued = AccessKey.issue(AccessKey.Kind.IT);
    var secretPart = issued.text().reveal().substring(7 + 16);

    assertThat(issued.key().hash()).doesNotContain(secretPart);
    assertThat(issued.key().toString()).doesNotContain(secretPart);
    assertThat(issued.toString()).doesNotContain(secretPart);
  }

  @Test
  void one_wrong_letter_is_a_typing_mistake_found_without_the_store() {
    var text = AccessKey.issue(AccessKey.Kind.SK).text().reveal();
    var wrong = text.substring(0, 30) + (text.charAt(30) == 'A' ? 'B' : 'A') + text.substring(31);

    assertThat(AccessKey.parse(wrong)).isEmpty();
  }

  @Test
  void a_key_of_one_kind_is_not_one_of_another() {
    var text = AccessKey.issue(AccessKey.Kind.SK).text().reveal();

    assertThat(AccessKey.parse(text.replace("cpz_sk_", "cpz_it_"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "cpz_sk_", "cpz_zz_abc", "Bearer x", "cpz_sk_\u0000", "💣"})
  void what_is_no_key_is_none(String text) {
    assertThat(AccessKey.parse(text)).isEmpty();
  }
}
