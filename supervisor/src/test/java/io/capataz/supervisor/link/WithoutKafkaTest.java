package io.capataz.supervisor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Sync;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.dispatch.EventTopic;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Supervisors that were told {@code --kafka off}. */
class WithoutKafkaTest {

  private static TestSupervisor without(String word) {
    return TestSupervisor.with("--capataz.kafka=" + word, "--capataz.rate-limit.enabled=false");
  }

  @Test
  void jobs_of_hosts_and_pools_and_stops_come_over_the_link_and_the_rest_by_asking()
      throws Exception {
    try (var supervisor = without("off")) {
      var work = new TestWork(supervisor);
      var agent = TestAgent.enrolled(supervisor);
      var session = agent.opened(TestAgent.opening(List.of(), List.of(), List.of()));
      assertThat(session.announcements()).isNull();
      assertThat(supervisor.context().getBeanProvider(EventTopic.class).getIfAvailable()).isNull();
      var pool = work.pool(agent);
      assertThat(session.pools()).isEmpty();

      var waiting = work.post(work.taskOn(agent, Map.of()));
      var sync = agent.say("sync", new Sync(agent.epoch(), false));
      assertThat(sync.body().at("/waiting").toString()).contains(waiting);
      assertThat(sync.body().at("/pools")).isEmpty();
      assertThat(agent.claimOne().job()).isEqualTo(waiting);

      try (var link = TestLink.open(supervisor, agent)) {
        link.say(link.claim(2));
        var ofHost = work.post(work.taskOn(agent, Map.of()));
        assertThat(link.orders().orders().getFirst().job()).isEqualTo(ofHost);
        var ofPool = work.post(work.taskIn(pool, Map.of()));
        assertThat(link.orders().orders().getFirst().job()).isEqualTo(ofPool);

        assertThat(supervisor.put("/acme/job/" + ofPool + "/cancel").status()).isEqualTo(200);
        assertThat(link.stops().stop()).singleElement().extracting("job").isEqualTo(ofPool);
      }
    }
  }

  /** In a YAML file, {@code off} is false. */
  @ParameterizedTest
  @ValueSource(strings = {"false", "OFF", ""})
  void it_may_be_written_in_other_ways(String word) {
    try (var supervisor = without(word)) {
      assertThat(supervisor.context().getBeanProvider(EventTopic.class).getIfAvailable()).isNull();
      assertThat(supervisor.get("/readyz").status()).isEqualTo(200);
    }
  }
}
