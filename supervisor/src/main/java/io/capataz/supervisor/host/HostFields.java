package io.capataz.supervisor.host;

import io.capataz.common.protocol.HostFacts;
import io.capataz.supervisor.host.Host.Contact;
import io.capataz.supervisor.host.Host.Credential;
import io.capataz.supervisor.host.Host.HostLabels;
import io.capataz.supervisor.host.Host.Mode;
import io.capataz.supervisor.host.Host.Session;
import java.time.Instant;
import java.util.List;
import org.springframework.data.core.TypedPropertyPath;

/** The fields of stored hosts that queries, updates and indexes name. */
final class HostFields {

  static final TypedPropertyPath<Host, String> AGENT =
      TypedPropertyPath.of(Host::credential).then(Credential::agent);
  static final TypedPropertyPath<Host, String> HASH =
      TypedPropertyPath.of(Host::credential).then(Credential::hash);
  static final TypedPropertyPath<Host, Long> EPOCH =
      TypedPropertyPath.of(Host::session).then(Session::epoch);
  static final TypedPropertyPath<Host, String> BOOT_ID =
      TypedPropertyPath.of(Host::session).then(Session::bootId);
  static final TypedPropertyPath<Host, String> FOLDER =
      TypedPropertyPath.of(Host::session).then(Session::folder);
  static final TypedPropertyPath<Host, Integer> SLOTS =
      TypedPropertyPath.of(Host::session).then(Session::slots);
  static final TypedPropertyPath<Host, Boolean> LISTENING =
      TypedPropertyPath.of(Host::session).then(Session::listening);
  static final TypedPropertyPath<Host, HostFacts> FACTS =
      TypedPropertyPath.of(Host::session).then(Session::facts);
  static final TypedPropertyPath<Host, Instant> HEARD =
      TypedPropertyPath.of(Host::contact).then(Contact::heard);
  static final TypedPropertyPath<Host, Boolean> SILENT =
      TypedPropertyPath.of(Host::contact).then(Contact::silent);
  static final TypedPropertyPath<Host, Instant> LEFT =
      TypedPropertyPath.of(Host::contact).then(Contact::left);
  static final TypedPropertyPath<Host, Instant> RIVAL =
      TypedPropertyPath.of(Host::contact).then(Contact::rival);
  static final TypedPropertyPath<Host, List<String>> LABELS =
      TypedPropertyPath.of(Host::labels).then(HostLabels::effective);
  static final TypedPropertyPath<Host, List<String>> LABELS_BY_API =
      TypedPropertyPath.of(Host::labels).then(HostLabels::byApi);
  static final TypedPropertyPath<Host, List<String>> LABELS_BY_AGENT =
      TypedPropertyPath.of(Host::labels).then(HostLabels::byAgent);
  static final TypedPropertyPath<Host, Boolean> DISABLED =
      TypedPropertyPath.of(Host::mode).then(Mode::disabled);
  static final TypedPropertyPath<Host, Boolean> DRAINING =
      TypedPropertyPath.of(Host::mode).then(Mode::draining);

  private HostFields() {}
}
