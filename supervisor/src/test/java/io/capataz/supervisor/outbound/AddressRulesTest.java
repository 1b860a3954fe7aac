package io.capataz.supervisor.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses the supervisor calls on behalf of others. */
class AddressRulesTest {

  private final AddressRules rules = new AddressRules(new OutboundSettings(List.of()));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "2130706433",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void what_is_not_public_is_refused(String host) {
    assertThatThrownBy(() -> rules.resolve(host))
        .isInstanceOf(AddressRules.Refused.class)
        .hasMessageContaining("is not public")
        .hasMessageContaining("capataz.outbound.allowed-networks");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.167.1.1",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "2002:101:101::"
      })
  void what_is_public_may_be_called(String host) throws UnknownHostException {
    assertThat(rules.resolve(host)).containsExactly(InetAddress.getByName(host));
  }

  @Test
  void a_network_can_be_allowed_and_nothing_beside_it() {
    var allowing = new AddressRules(new OutboundSettings(List.of("10.1.0.0/16", "::1")));

    assertThat(allowing.mayCall(InetAddress.ofLiteral("10.1.255.1"))).isTrue();
    assertThat(allowing.mayCall(InetAddress.ofLiteral("::1"))).isTrue();
    assertThat(allowing.mayCall(InetAddress.ofLiteral("64:ff9b::a01:1"))).isTrue();
    assertThat(allowing.mayCall(InetAddress.ofLiteral("10.2.0.1"))).isFalse();
    assertThat(allowing.mayCall(InetAddress.ofLiteral("127.0.0.1"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "::/129"})
  void a_setting_that_is_no_network_is_refused(String text) {
    assertThatThrownBy(() -> new OutboundSettings(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
