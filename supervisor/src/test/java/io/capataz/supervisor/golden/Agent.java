package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor.Answer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An agent of a story, whose messages are JSON texts, as if it were written in any language. */
final class Agent {

  private static final String FACTS =
      "{'os': 'Linux', 'arch': 'amd64', 'cpus': 2, 'memory': 1073741824, 'user': 'nobody',"
          + " 'version': '1.0'}";

  private final Story story;
  private final String host;
  private final String credential;
  private final int slots;
  private long epoch;
  private int claims;

  private Agent(Story story, String host, String credential, int slots) {
    this.story = story;
    this.host = host;
    this.credential = credential;
    this.slots = slots;
  }

  /** What an agent enrols with. */
  static String enrolment(String token, String name) {
    return json("{'join_token': '%s', 'host': '%s', 'facts': " + FACTS + "}", token, name);
  }

  /** An agent that has been enrolled, and has not opened a session. */
  static Agent of(Story story, JsonNode identity, int slots) {
    return new Agent(
        story, identity.at("/host").asString(), identity.at("/credential").asString(), slots);
  }

  /** Enrols an agent of that many slots without opening its session. */
  static Agent enrolled(Story story, String name, int slots) {
    var token = story.quietly("POST", "~/host/join-token", "{}").at("/token").asString();
    var answer = story.ask("", "POST", "/agent/v1/enrolment", enrolment(token, name));
    assertThat(answer.status()).isEqualTo(200);
    return of(story, answer.body(), slots);
  }

  /** Enrols an agent of that many slots, and opens its session. */
  static Agent open(Story story, String name, int slots) {
    var agent = enrolled(story, name, slots);
    agent.opens();
    return agent;
  }

  String host() {
    return host;
  }

  String credential() {
    return credential;
  }

  long epoch() {
    return epoch;
  }

  /** Opens a session that knows of no attempt. */
  Agent opens() {
    return opens(quietly("session", opening("[]")).body());
  }

  /** Knows a session from its answer. */
  Agent opens(JsonNode answer) {
    epoch = answer.at("/epoch").asLong();
    return this;
  }

  /** What a session is opened with. */
  String opening(String running) {
    return json(
        "{'protocol': 1, 'boot_id': 'boot-1', 'slots': %d, 'facts': "
            + FACTS
            + ", 'running': %s, 'claims': [], 'lost': [], 'labels': {'zone': 'a'}}",
        slots,
        running);
  }

  /** Beats, knowing of these attempts, each as {@link #running} writes it. */
  Answer beats(String... running) {
    return quietly("heartbeat", beat(String.join(",", running)));
  }

  String beat(String running) {
    return json("{'epoch': %d, 'running': [%s], 'hold': 'PT0S'}", epoch, running);
  }

  static String running(JsonNode order) {
    return json(
        "{'job': '%s', 'attempt': %d, 'claim': '%s', 'started': true}",
        order.at("/job").asString(), order.at("/attempt").asInt(), claimOf(order));
  }

  /** What it claims with. */
  String claim(int free) {
    return json(
        "{'epoch': %d, 'claim': '%s-claim-%d', 'free': %d, 'jobs': [], 'heard': 'sync'}",
        epoch, host, ++claims, free);
  }

  /** Claims what is next, of which there must be something. */
  JsonNode claims() {
    var orders = claims(1);
    assertThat(orders.size()).isOne();
    return orders.get(0);
  }

  JsonNode claims(int free) {
    var answer = quietly("claims", claim(free));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body().at("/orders");
  }

  /** Claims what is next and starts it. */
  JsonNode starts() {
    var order = claims();
    var answer = quietly(route(order) + "/started", started(order));
    assertThat(answer.status()).isEqualTo(204);
    return order;
  }

  static String started(JsonNode order) {
    return json("{'claim': '%s', 'pid': 4711}", claimOf(order));
  }

  void prints(JsonNode order, String stream, long offset, String base64) {
    var answer = quietly(route(order) + "/output", output(order, stream, offset, base64));
    assertThat(answer.status()).isEqualTo(200);
  }

  static String output(JsonNode order, String stream, long offset, String base64) {
    return json(
        "{'claim': '%s', 'chunks': [{'stream': '%s', 'offset': %d, 'after': 'PT0.25S', 'bytes':"
            + " '%s'}]}",
        claimOf(order), stream, offset, base64);
  }

  static String progress(JsonNode order, int percent, String message) {
    return json(
        "{'claim': '%s', 'before': 0, 'entries': [{'percent': %d, 'message': '%s'}]}",
        claimOf(order), percent, message);
  }

  /** Ends an attempt with the least there is to say. */
  void ends(JsonNode order, String outcome) {
    ends(order, outcome, "");
  }

  /** Ends an attempt; {@code more} are members that begin with a comma. */
  void ends(JsonNode order, String outcome, String more) {
    var answer = quietly(route(order) + "/end", end(order, outcome, more));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(204);
  }

  static String end(JsonNode order, String outcome, String more) {
    return json(
        "{'claim': '%s', 'outcome': %s, 'stdout': 0, 'stderr': 0"
            + (more.contains("signals") ? "" : ", 'signals': [], 'survivors': []")
            + "%s}",
        claimOf(order),
        json(outcome),
        json(more));
  }

  static String route(JsonNode order) {
    return "jobs/" + order.at("/job").asString() + "/attempts/" + order.at("/attempt").asInt();
  }

  static String claimOf(JsonNode order) {
    return order.at("/claim").asString();
  }

  Answer quietly(String route, String message) {
    return story.ask(credential, "POST", "/agent/v1/" + route, message);
  }

  Answer tells(String what, String route, @Nullable String message) {
    return story.tellAs(credential, what, "POST", "/agent/v1/" + route, message);
  }
}
