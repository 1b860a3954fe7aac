package io.capataz.supervisor.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a task says of its arguments is kept before there is a job; docs/parameters.md. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class ParameterTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        // What is declared | what is sent | what the script is given.
        "{'type':'input'} | 'a b' | a b",
        "{'type':'text'} | 7 | 7",
        "{'type':'input'} | 1.10 | 1.10",
        "{'type':'input'} | 12345678901234567890.123 | 12345678901234567890.123",
        "{'type':'input'} | false | false",
        "{'type':'input'} | {'$gt':1} | {'$gt':1}",
        "{'type':'input'} | [1,'x'] | [1,'x']",
        "{'type':'textarea'} | 'two words' | two words",
        "{'type':'input','charsmin':2,'charsmax':3} | 'abc' | abc",
        "{'type':'input','charsmax':'2','charsmin':0} | '😀😀' | 😀😀",
        "{'type':'input','charset':'alpha'} | 'aZ' | aZ",
        "{'type':'input','charset':'num'} | '09' | 09",
        "{'type':'input','charset':'alnum'} | 'a9' | a9",
        "{'type':'input','charset':'all','pattern':''} | 'ñ!' | ñ!",
        "{'type':'input','pattern':'b+'} | 'abbc' | abbc",
        "{'type':'regexp','pattern':'^[0-9]{4}-[A-Z]{2}$'} | '1234-AB' | 1234-AB",
        "{'type':'select','options':[{'id':'eu','label':'Europe'},'us']} | 'eu' | eu",
        "{'type':'select','options':[{'id':1},{'id':2}]} | 2 | 2",
        "{'type':'select','options':['a','b'],'multiple':true} | ['b','a'] | ['b','a']",
        "{'type':'select','options':['a','b'],'multiple':true} | '[\"a\"]' | ['a']",
        "{'type':'select','options':['a','b'],'multiple':true} | 'a' | ['a']",
        "{'type':'select','options':['a'],'multiple':true,'required':false} | [] | []",
        "{'type':'date'} | '2026-02-28' | 2026-02-28",
        "{'type':'date'} | '2026-02-28T10:00:00.000Z' | 2026-02-28T10:00:00.000Z",
        "{'type':'date','min':'2026-01-01','max':'2026-01-31'} | '2026-01-31T23:59:59Z' |"
            + " 2026-01-31T23:59:59Z",
        "{'type':'boolean'} | true | true",
        "{'type':'boolean'} | 'false' | false",
        "{'type':'number'} | -0.5 | -0.5",
        "{'type':'number','min':1,'max':'2.5'} | '2.50' | 2.50",
        "{'type':'number'} | 1e3 | 1e3",
        "{'type':'json'} | {'a':[1,null]} | {'a':[1,null]}",
        "{'type':'json'} | ' {\"a\": 1} ' | {'a': 1}",
        "{'type':'email'} | 'first.last+x@mail.example.org' | first.last+x@mail.example.org",
        "{'type':'remote-options','endpoint_url':'https://example.org/%THEEYE_USER_EMAIL%'} | 'any'"
            + " | any",
        "{'type':'remote_options','endpoint_url':'http://example.org','multiple':true} | ['a',1] |"
            + " ['a','1']",
        // Null is nothing, or the default; an empty text is itself.
        "{'type':'number','required':false} | null | ''",
        "{'type':'number','required':false} | '' | ''",
        "{'type':'number','default':7} | null | 7",
        "{'type':'number','value':'7','required':false} | '' | ''",
        "{'type':'select','options':['a','b'],'multiple':true,'default':['a','b']} | null |"
            + " ['a','b']",
        "{'type':'input','default':'x','readonly':true} | 'x' | x"
      })
  void what_fits_reaches_the_script_as_text(String declared, String sent, String text) {
    var task = task(declared);

    var posted = run(task, "[" + json(sent) + "]");

    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    var expected =
        text.equals("''") ? "" : text.startsWith("[") || text.startsWith("{") ? json(text) : text;
    assertThat(posted.text("/task_arguments_values/0").strip()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'type':'input'} | null | required",
        "{'type':'input'} | '' | required",
        "{'type':'boolean'} | null | required",
        "{'type':'select','options':['a'],'multiple':true} | [] | required",
        "{'type':'input','charsmin':3} | 'hi' | too_short",
        "{'type':'input','charsmax':1} | 'hi' | too_long",
        "{'type':'input','charset':'alpha'} | 'h1' | wrong_charset",
        "{'type':'input','charset':'num'} | '1.5' | wrong_charset",
        "{'type':'input','charset':'alnum'} | 'é' | wrong_charset",
        "{'type':'regexp','pattern':'^x$'} | 'xx' | pattern_mismatch",
        "{'type':'number','pattern':'^[0-9]+$'} | 1.5 | pattern_mismatch",
        "{'type':'select','options':['a','b']} | 'c' | not_an_option",
        "{'type':'select','options':['a','b']} | ['a'] | wrong_type",
        "{'type':'select','options':['a','b'],'multiple':true} | ['a','c'] | not_an_option",
        "{'type':'select','options':['a','b'],'multiple':true} | ['a',['b']] | not_an_option",
        "{'type':'select','options':['a','b'],'multiple':true} | {'a':1} | wrong_type",
        "{'type':'select','options':['a','b'],'multiple':true} | '[a' | wrong_type",
        "{'type':'date'} | '2026-02-30' | not_a_date",
        "{'type':'date'} | 'tomorrow' | not_a_date",
        "{'type':'date'} | '2026-02-28T10:00:00' | not_a_date",
        "{'type':'date'} | 20260228 | not_a_date",
        "{'type':'date','max':'2026-01-31'} | '2026-02-01' | out_of_range",
        "{'type':'date','min':'2026-01-31'} | '2026-01-30T23:59:59Z' | out_of_range",
        "{'type':'boolean'} | 'yes' | not_a_boolean",
        "{'type':'boolean'} | 1 | not_a_boolean",
        "{'type':'number'} | 'ten' | not_a_number",
        "{'type':'number'} | '0x10' | not_a_number",
        "{'type':'number'} | '1e99999' | not_a_number",
        "{'type':'number'} | true | not_a_number",
        "{'type':'number','min':1} | 0.99 | out_of_range",
        "{'type':'number','max':10} | 1e9999 | out_of_range",
        "{'type':'json'} | '{a:1}' | not_json",
        "{'type':'json'} | '{\"a\":1,\"a\":2}' | not_json",
        "{'type':'json'} | '1 2' | not_json",
        "{'type':'email'} | 'nobody' | not_an_email",
        "{'type':'email'} | 'a b@example.org' | not_an_email",
        "{'type':'email'} | 'a@-example.org' | not_an_email",
        "{'type':'remote-options','endpoint_url':'http://example.org'} | {'id':1} | wrong_type",
        "{'type':'input','default':'x','readonly':true} | 'y' | read_only"
      })
  void what_does_not_fit_is_400_and_names_argument_and_rule(
      String declared, String sent, String code) {
    var task = task(declared);

    var refused = run(task, "[" + json(sent) + "]");

    assertThat(refused.status()).describedAs(refused.raw().body()).isEqualTo(400);
    assertThat(refused.body().at("/errors").size()).isEqualTo(1);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/task_arguments/0");
    assertThat(refused.text("/errors/0/code")).isEqualTo(code);
    assertThat(refused.text("/errors/0/detail")).startsWith("'argument 0' ");
    assertThat(supervisor.get("/acme/job?task=" + task).body().size()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'type':'magic'} | /type",
        "{'type':'INPUT'} | /type",
        "{} | /type",
        "{'type':'select'} | /options",
        "{'type':'select','options':[{'label':'x'}]} | /options/0/id",
        "{'type':'select','options':['a','a']} | /options",
        "{'type':'select','options':['']} | /options/0",
        "{'type':'select','options':[{'id':'a','colour':1}]} | /options/0/colour",
        "{'type':'select','options':['a'],'default':'b'} | /default",
        "{'type':'input','options':['a']} | /options",
        "{'type':'input','multiple':true} | /multiple",
        "{'type':'input','min':1} | /min",
        "{'type':'number','min':'x'} | /min",
        "{'type':'date','max':'x'} | /max",
        "{'type':'date','charsmin':1} | /charsmin",
        "{'type':'input','charsmin':3,'charsmax':2} | /charsmin",
        "{'type':'input','charsmax':'x'} | /charsmax",
        "{'type':'input','charset':'greek'} | /charset",
        "{'type':'regexp'} | /pattern",
        "{'type':'select','options':['a'],'pattern':'a'} | /pattern",
        "{'type':'input','pattern':'('} | /pattern",
        "{'type':'input','pattern':'(?=a)b'} | /pattern",
        "{'type':'input','pattern':'((a{100}){100}){100}'} | /pattern",
        "{'type':'input','pattern':'(?:(?:a{0,1000}){0,1000}){0,1000}'} | /pattern",
        "{'type':'input','pattern':'a{2000}'} | /pattern",
        "{'type':'input','pattern':'\\\\Q[\\\\E((a{1000}){1000}){1000}'} | /pattern",
        "{'type':'input','pattern':'a{1000}(?i){1000}(?s-i){1000}'} | /pattern",
        "{'type':'input','pattern':'(?:(?:a{0,1000}?){0,1000}?){0,1000}?'} | /pattern",
        "{'type':'remote-options'} | /endpoint_url",
        "{'type':'remote-options','endpoint_url':'file:///etc/passwd'} | /endpoint_url",
        "{'type':'input','endpoint_url':'http://example.org'} | /endpoint_url",
        "{'type':'number','default':'x'} | /default",
        "{'type':'number','default':1,'value':2} | /value",
        "{'type':'file','default':'x'} | /default",
        "{'type':'input','order':-1} | /order",
        "{'type':'input','surprise':1} | /surprise"
      })
  void a_definition_that_cannot_be_kept_is_400(String declared, String pointer) {
    var refused = make("[" + json(declared) + "]");

    assertThat(refused.status()).describedAs(refused.raw().body()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/task_arguments/0" + pointer);
  }

  @Test
  void two_arguments_of_one_order_are_400() {
    var refused = make(json("[{'type':'input','order':1},{'type':'input','order':1}]"));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/task_arguments/1/order");
  }

  @Test
  void of_the_ways_to_make_texts_of_arguments_there_is_the_usual_one() {
    var body = body("[]");

    assertThat(supervisor.post("/acme/task", body.put("arguments_type", "legacy")).status())
        .isEqualTo(200);
    var refused = supervisor.post("/acme/task", body.put("arguments_type", "json"));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/errors/0/pointer")).isEqualTo("/arguments_type");
  }

  @Test
  void a_pattern_cannot_hold_up_the_server() {
    var task = task("{'type':'regexp','pattern':'^(a+)+$'}");

    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThat(run(task, "[\"" + "a".repeat(3_999) + "!\"]").text("/errors/0/code"))
                .isEqualTo("pattern_mismatch"));
    assertThat(run(task, "[\"" + "a".repeat(4_001) + "\"]").text("/errors/0/code"))
        .isEqualTo("too_long");
  }

  @Test
  void the_oldest_definitions_are_texts_and_mean_fixed_ones() {
    var task = make("[\"--fast\", {\"type\": \"input\"}]").text("/id");

    assertThat(values(run(task, "[\"x\"]"))).containsExactly("--fast", "x");
    var shown = supervisor.get("/acme/task/" + task).body().at("/task_arguments/0");
    assertThat(shown.get("type").asString()).isEqualTo("fixed");
    assertThat(shown.get("value").asString()).isEqualTo("--fast");
  }

  @Test
  void a_definition_is_shown_so_that_it_can_be_sent_again() {
    var declared =
        json(
            """
            [{'type':'number','order':0,'label':'n','required':true,'masked':false,'readonly':false,
              'help':'how many','charsmin':1,'charsmax':3,'pattern':'^[0-9]+$','min':1,'max':1.5,'default':'1'},
             {'type':'select','order':1,'label':'s','required':false,'masked':false,'readonly':true,'multiple':true,
              'options':[{'id':'a','label':'A','order':0},{'id':'b','label':'B','order':1}]},
             {'type':'remote-options','order':2,'label':'r','required':true,'masked':false,'readonly':false,
              'multiple':false,'endpoint_url':'http://example.org','id_attribute':'id','text_attribute':'name'},
             {'type':'fixed','order':3,'label':'f','required':false,'masked':false,'readonly':false,'value':'v'}]
            """);

    var first = make(declared).body().get("task_arguments");
    var again = make(first.toString()).body().get("task_arguments");

    assertThat(first).isEqualTo(MessageJson.mapper().readTree(declared));
    assertThat(again).isEqualTo(first);
  }

  @Test
  void values_that_say_their_order_may_come_in_any_and_leave_out_what_is_optional() {
    var task =
        make(json(
                "[{'type':'fixed','order':0,'value':'go'},{'type':'input','order':1},"
                    + "{'type':'input','order':5,'required':false},{'type':'json','order':9}]"))
            .text("/id");

    var posted =
        run(
            task,
            json(
                "[{'order':9,'value':{'order':1,'value':2}},{'order':0,'value':'no'},{'order':1,'value':'x'}]"));

    assertThat(values(posted)).containsExactly("go", "x", "", "{\"order\":1,\"value\":2}");
    var missing = run(task, json("[{'order':9,'value':1}]"));
    assertThat(missing.text("/errors/0/code")).isEqualTo("required");
    assertThat(missing.text("/errors/0/detail")).contains("'argument 1'");
  }

  @Test
  void a_task_whose_arguments_are_all_optional_runs_without_any() {
    var task =
        make(json("[{'type':'input','required':false},{'type':'number','default':3}]")).text("/id");

    assertThat(values(supervisor.post("/acme/task/" + task + "/job", Map.of())))
        .containsExactly("", "3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'input','charsmax':3,",
        "{'type':'input','charsmin':300,",
        "{'type':'input','charset':'num',",
        "{'type':'input','pattern':'^x$',",
        "{'type':'number',",
        "{'type':'boolean',",
        "{'type':'date',",
        "{'type':'json',",
        "{'type':'email',",
        "{'type':'file',",
        "{'type':'select','options':['a'],",
        "{'type':'select','multiple':true,'options':['a'],",
        "{'type':'input','readonly':true,'default':'canary-of-the-task',"
      })
  void a_masked_value_that_does_not_fit_is_not_repeated(String declared, CapturedOutput output) {
    var canary = "canary-" + UUID.randomUUID() + "{";
    var task = task(declared + "'masked':true}");

    var refused = run(task, MessageJson.mapper().writeValueAsString(List.of(canary)));

    assertThat(refused.status()).describedAs(refused.raw().body()).isEqualTo(400);
    assertThat(refused.raw().body()).doesNotContain("canary");
    assertThat(output.getAll()).doesNotContain("canary");
    assertThat(supervisor.get("/acme/task/" + task).raw().body()).doesNotContain("canary");
  }

  @Test
  void the_mask_of_a_default_may_come_back_and_stands_for_it() {
    var mine = TestAgent.enrolled(supervisor);
    var made = body(json("[{'type':'number','masked':true,'default':4711}]"));
    var task = supervisor.post("/acme/task", made.put("host_id", mine.host())).text("/id");
    var shown = (ObjectNode) supervisor.get("/acme/task/" + task).body();

    var put = supervisor.put("/acme/task/" + task, shown.put("name", "renamed"));

    assertThat(put.status()).describedAs(put.raw().body()).isEqualTo(200);
    assertThat(put.raw().body()).contains("********").doesNotContain("4711");
    var posted = run(task, "[null]");
    assertThat(values(posted)).containsExactly("********");
    assertThat(mine.claimOne().arguments()).containsExactly("4711");
  }

  private String task(String declared) {
    var made = make("[" + json(declared) + "]");
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    return made.text("/id");
  }

  private Answer make(String declared) {
    return supervisor.post("/acme/task", body(declared));
  }

  private ObjectNode body(String declared) {
    var body = MessageJson.mapper().createObjectNode();
    body.put("name", "any").put("host_id", agent.host());
    body.putObject("script").put("filename", "x.sh").put("content", "exit 0");
    body.set("task_arguments", MessageJson.mapper().readTree(declared));
    return body;
  }

  private Answer run(String task, String arguments) {
    return supervisor.send(
        supervisor
            .request("/acme/task/" + task + "/job")
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .POST(
                java.net.http.HttpRequest.BodyPublishers.ofString(
                    "{\"task_arguments\": " + arguments + "}")));
  }

  private static List<String> values(Answer posted) {
    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    return posted
        .body()
        .at("/task_arguments_values")
        .valueStream()
        .map(JsonNode::asString)
        .toList();
  }

  /** Single quotes are easier to read in a table; those with an escape in it are JSON already. */
  private static String json(String quoted) {
    return quoted.startsWith("'") && quoted.contains("\"")
        ? "\"" + quoted.substring(1, quoted.length() - 1).replace("\"", "\\\"") + "\""
        : quoted.replace('\'', '"');
  }
}
