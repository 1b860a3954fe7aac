package io.capataz.supervisor.member;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.bson.types.ObjectId;

/** Sessions of people who were just added, without a password that would have to be hashed. */
public final class TestSessions {

  private TestSessions() {}

  /** A new member of that role, and the key of their session. */
  public static String begin(TestSupervisor supervisor, String organization, Role role) {
    var member =
        new Member(
            ObjectId.get().toHexString(),
            organization,
            "test-" + UUID.randomUUID() + "@example.org",
            "test",
            role,
            List.of(),
            true,
            null,
            0,
            0,
            Instant.EPOCH,
            "test");
    var added = supervisor.context().getBean(Members.class).add(member).orElseThrow();
    return supervisor.context().getBean(Sessions.class).begin(added).reveal();
  }
}
