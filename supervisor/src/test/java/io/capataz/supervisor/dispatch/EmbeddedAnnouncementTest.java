package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.TestBroker;

/** The contract, on the embedded broker. */
class EmbeddedAnnouncementTest extends AnnouncementContract {
  @Override
  String bootstrapServers() {
    return TestBroker.shared();
  }
}
