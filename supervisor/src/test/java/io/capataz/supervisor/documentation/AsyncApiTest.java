package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.AsyncApi;
import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code docs/reference/asyncapi.json} is complete and is what {@code /asyncapi.json} answers. That
 * supervisors send what it says is checked by {@link AsyncApi}, in all tests that follow events.
 */
class AsyncApiTest {

  private static final Pattern REFERENCE = Pattern.compile("\"\\$ref\" ?: ?\"#([^\"]+)\"");

  /** Routes that open WebSockets or send the same events as a stream. */
  private static final Pattern LIVE = Pattern.compile("/ws/.*|/\\{customer}.*/events");

  private static final String EVENT =
      """
      {"event": "%s", "id": "5f2c6a0d9be17c43-0", "data": {"jobs": [], "complete": true}%s}
      """;

  @Test
  void it_is_served() {
    var answer =
        TestSupervisor.shared().send(TestSupervisor.shared().request("/asyncapi.json").GET());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(AsyncApi.document());
  }

  @Test
  void every_reference_leads_somewhere() {
    var document = AsyncApi.document();

    assertThat(REFERENCE.matcher(document.toString()).results().map(it -> it.group(1)))
        .hasSizeGreaterThan(20)
        .allSatisfy(it -> assertThat(document.at(it).isMissingNode()).as(it).isFalse());
  }

  @Test
  void every_route_with_live_messages_is_a_channel() throws IOException {
    var routes =
        MessageJson.mapper()
            .readTree(Files.readString(OpenApiTest.PAGE))
            .path("paths")
            .propertyStream()
            .map(it -> shape(it.getKey()))
            .filter(it -> LIVE.matcher(it).matches())
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(
            AsyncApi.document()
                .path("channels")
                .valueStream()
                .map(it -> shape(it.path("address").asString())))
        .containsExactlyInAnyOrderElementsOf(routes);
  }

  /** Names of parameters may differ. */
  private static String shape(String path) {
    return path.replaceAll("\\{(?!customer})[^}]*}", "{}");
  }

  @Test
  void a_message_that_fits_is_let_through() {
    AsyncApi.check("/acme/events", MessageJson.mapper().readTree(EVENT.formatted("snapshot", "")));
    AsyncApi.check("/job/1/events", MessageJson.mapper().readTree(EVENT.formatted("resync", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"event\": \"unheard of\", \"id\": \"1-0\", \"data\": {}}",
        "{\"event\": \"end\", \"id\": \"end\", \"data\": {}}",
        "{\"event\": \"snapshot\", \"id\": \"1-0\", \"data\": {\"jobs\": [{}], \"complete\": true}}"
      })
  void a_message_that_is_not_described_is_found(String message) {
    assertThatThrownBy(() -> AsyncApi.check("/acme/events", MessageJson.mapper().readTree(message)))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () ->
                AsyncApi.check(
                    "/acme/events",
                    MessageJson.mapper().readTree(EVENT.formatted("snapshot", ", \"more\": 1"))))
        .isInstanceOf(AssertionError.class);
  }
}
