package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.supervisor.Multipart;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as {@code curl -F} sends them, well and badly made. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MultipartTest {

  private static final String NAMED = "--x\r\nContent-Disposition: form-data; name=\"a\"; ";
  private static final String MIXED = "--x\r\nContent-Type: multipart/mixed\r\n";
  private static final String HEAD =
      "--x\r\nContent-Disposition: form-data; name=\"task_arguments\"\r\n\r\n";

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  private final String task =
      work.taskOn(
          agent,
          Map.of(
              "task_arguments",
              List.of(
                  Map.of("type", "fixed", "label", "mode", "value", "import"),
                  Map.of("type", "file", "label", "Table"),
                  Map.of("type", "input", "label", "who"),
                  Map.of("type", "file", "label", "More", "required", false))));

  private static final byte[] BYTES = {0, (byte) 0xff, '\r', '\n', '-', '-'};

  @Test
  void a_file_is_a_part_called_by_its_label() {
    run(
        new Multipart()
            .field("task_arguments[]", "me")
            .file("Table", "C:\\data\\r.csv", "text/csv", BYTES)
            .field("task_arguments[]", ""));

    var order = agent.claimOne();
    assertThat(order.arguments()).containsExactly("import", "", "me", "");
    assertThat(order.files()).containsExactly(new FileArgument(1, "r.csv", Bytes.of(BYTES)));
  }

  @Test
  void or_by_its_place_among_the_arguments() {
    run(
        new Multipart()
            .file("task_arguments[2]", "b.bin", "application/octet-stream", BYTES)
            .field("task_arguments[1]", "me")
            .file("task_arguments[0]", "a.bin", "application/octet-stream", new byte[] {1}));

    assertThat(agent.claimOne().files())
        .containsExactly(
            new FileArgument(1, "a.bin", Bytes.of(new byte[] {1})),
            new FileArgument(3, "b.bin", Bytes.of(BYTES)));
  }

  @Test
  void or_it_stands_where_it_comes_and_a_field_without_a_chosen_file_is_none() {
    run(
        new Multipart()
            .file("task_arguments[]", "a.bin", "text/plain", new byte[] {1})
            .field("task_arguments[]", "mé")
            .field("task_arguments[]", "")
            .file("unchosen", "", "application/octet-stream", new byte[0]));

    var order = agent.claimOne();
    assertThat(order.arguments()).containsExactly("import", "", "mé", "");
    assertThat(order.files()).hasSize(1);
  }

  @Test
  void fields_address_and_authenticate_as_in_a_form() {
    var body =
        new Multipart()
            .field("task", task)
            .field("customer", "acme")
            .field("access_token", supervisor.token())
            .file("Table", "a", "text/plain", BYTES)
            .field("task_arguments[]", "me")
            .field("task_arguments[]", "");

    var posted =
        supervisor.send(
            supervisor
                .request("/job")
                .header("Content-Type", body.type())
                .POST(BodyPublishers.ofByteArray(body.bytes())));

    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    assertThat(agent.claimOne().files()).hasSize(1);
  }

  @Test
  void a_file_where_a_text_belongs_is_400() {
    var asArgument =
        post(
            new Multipart()
                .file("task_arguments[0]", "a", "text/plain", BYTES)
                .file("task_arguments[1]", "b", "text/plain", BYTES)
                .field("task_arguments[2]", ""));
    var asField = post(new Multipart().file("hold", "a", "text/plain", BYTES));

    assertThat(asArgument.text("/errors/0/pointer")).isEqualTo("/task_arguments/1");
    assertThat(asArgument.text("/errors/0/code")).isEqualTo("wrong_type");
    assertThat(asField.status()).isEqualTo(400);
    var asTask = new Multipart().file("task", "a", "text/plain", BYTES);
    assertThat(
            supervisor
                .send(
                    supervisor
                        .request("/job")
                        .header("Authorization", "Bearer " + supervisor.token())
                        .header("Content-Type", asTask.type())
                        .POST(BodyPublishers.ofByteArray(asTask.bytes())))
                .text("/errors/0/pointer"))
        .isEqualTo("/task");
  }

  @Test
  void a_file_that_is_too_large_is_400_and_a_body_that_is_413() {
    var file = new Multipart().file("Table", "a", "text/plain", new byte[1024 * 1024 + 1]);
    file.field("task_arguments[]", "me").field("task_arguments[]", "");
    var body = new Multipart().file("Table", "a", "text/plain", new byte[7 * 1024 * 1024]);

    assertThat(post(file).text("/errors/0/code")).isEqualTo("too_long");
    assertThat(post(body).status()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nothing",
        "--x--\r\n",
        "--x\r\n",
        "--x\r\n\r\n\r\n--x--\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"a\"",
        HEAD + "no end",
        "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
        "--x\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\na\r\n--x--\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"\r\n\r\na\r\n--x--\r\n",
        NAMED + "filename*=UTF-8''%e\r\n\r\na\r\n--x--\r\n",
        NAMED + "filename*=x'y'a\r\n\r\na\r\n--x--\r\n",
        MIXED + "Content-Disposition: form-data\r\n\r\n\r\n--x--\r\n"
      })
  void what_is_no_multipart_body_is_400(String body) {
    var answer = post("multipart/form-data; boundary=x", body.getBytes(StandardCharsets.UTF_8));

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
  }

  @Test
  void many_parts_long_headers_and_bytes_that_are_no_text_are_400() {
    var many = new Multipart();
    for (var i = 0; i < 300; i++) {
      many.field("task_arguments[]", "x");
    }
    var noText = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\u00ff\r\n--x--\r\n";

    assertThat(post(many).text("/code")).isEqualTo("too_many_parameters");
    assertThat(post(new Multipart().field("a".repeat(5_000), "x")).text("/code"))
        .isEqualTo("invalid_multipart");
    assertThat(
            post(
                    "multipart/form-data; boundary=\"x\"",
                    noText.getBytes(StandardCharsets.ISO_8859_1))
                .text("/code"))
        .isEqualTo("invalid_encoding");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "multipart/form-data",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data;"
            + " boundary=yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
      })
  void without_a_boundary_there_are_no_parts(String type) {
    assertThat(post(type, (HEAD + "a\r\n--x--\r\n").getBytes(StandardCharsets.UTF_8)).status())
        .isEqualTo(400);
  }

  private void run(Multipart body) {
    var posted = post(body);
    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
  }

  private Answer post(Multipart body) {
    return post(body.type(), body.bytes());
  }

  private Answer post(String type, byte[] body) {
    return supervisor.send(
        supervisor
            .request("/acme/task/" + task + "/job")
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", type)
            .POST(BodyPublishers.ofByteArray(body)));
  }
}
