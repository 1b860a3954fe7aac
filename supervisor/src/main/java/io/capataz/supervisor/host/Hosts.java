package io.capataz.supervisor.host;

import static io.capataz.supervisor.host.HostFields.AGENT;
import static io.capataz.supervisor.host.HostFields.BOOT_ID;
import static io.capataz.supervisor.host.HostFields.DISABLED;
import static io.capataz.supervisor.host.HostFields.DRAINING;
import static io.capataz.supervisor.host.HostFields.EPOCH;
import static io.capataz.supervisor.host.HostFields.FACTS;
import static io.capataz.supervisor.host.HostFields.FOLDER;
import static io.capataz.supervisor.host.HostFields.HASH;
import static io.capataz.supervisor.host.HostFields.HEARD;
import static io.capataz.supervisor.host.HostFields.LABELS;
import static io.capataz.supervisor.host.HostFields.LABELS_BY_AGENT;
import static io.capataz.supervisor.host.HostFields.LABELS_BY_API;
import static io.capataz.supervisor.host.HostFields.LEFT;
import static io.capataz.supervisor.host.HostFields.LISTENING;
import static io.capataz.supervisor.host.HostFields.RIVAL;
import static io.capataz.supervisor.host.HostFields.SILENT;
import static io.capataz.supervisor.host.HostFields.SLOTS;

import io.capataz.common.protocol.HostFacts;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.CallerSource;
import io.capataz.supervisor.host.Host.Credential;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.PrimaryCheck;
import io.capataz.supervisor.runtime.ReadCache;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bson.types.ObjectId;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All hosts and the agents on them. */
@Repository
public class Hosts implements CallerSource, Indexed {

  /** A rival that tries again within this time is the same one. */
  private static final Duration SAME_RIVAL = Duration.ofMinutes(5);

  private final MongoOperations mongo;
  private final PrimaryCheck primary;
  private final InstantSource clock;

  /** By their agent. */
  private final ReadCache<String, Host> recent = ReadCache.of(20_000);

  Hosts(MongoOperations mongo, PrimaryCheck primary, InstantSource clock) {
    this.mongo = mongo;
    this.primary = primary;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return Host.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Host::organization, Sort.Direction.ASC)
            .on(Host::name, Sort.Direction.ASC)
            .unique(),
        new Index().on(AGENT, Sort.Direction.ASC).unique(),
        // Hosts whose silence has not been detected yet.
        new Index().on(SILENT, Sort.Direction.ASC).on(HEARD, Sort.Direction.ASC));
  }

  /** An enrolled host and its agent's credential, available only here. */
  record Enrolled(Host host, Secret credential) {}

  /**
   * Registers a new host; empty if the organization has one with that name.
   *
   * @param labels those that its join token gives it
   */
  Optional<Enrolled> enrol(String organization, String name, HostFacts facts, List<String> labels) {
    var issued = AccessKey.issue(AccessKey.Kind.AG);
    var agent = issued.key().id();
    var host =
        Host.enrolled(
            ObjectId.get().toHexString(),
            organization,
            name,
            clock.instant(),
            new Credential(agent, issued.key().hash()),
            facts,
            labels);
    try {
      return Optional.of(new Enrolled(mongo.insert(host), issued.text()));
    } catch (DuplicateKeyException known) {
      return Optional.empty();
    }
  }

  /** Gives an existing host a new agent; the old one's credential is invalid from then on. */
  Optional<Enrolled> replaceAgent(
      String organization, String name, HostFacts facts, List<String> labels) {
    var issued = AccessKey.issue(AccessKey.Kind.AG);
    return relabelled(
            Criteria.where(Host::organization).is(organization).and(Host::name).is(name),
            host -> {
              var given = labels.isEmpty() ? host.labels().byApi() : labels;
              return new Update()
                  .set(AGENT, issued.key().id())
                  .set(HASH, issued.key().hash())
                  .set(FACTS, facts)
                  .inc(EPOCH, 1)
                  // The first session of the new agent need not wait for the old agent to end.
                  .unset(BOOT_ID)
                  .set(LABELS_BY_API, given)
                  .set(LABELS_BY_AGENT, List.of())
                  .set(LABELS, given);
            })
        .map(host -> new Enrolled(host, issued.text()));
  }

  @Override
  public AccessKey.Kind kind() {
    return AccessKey.Kind.AG;
  }

  @Override
  public Optional<Caller> callerOf(AccessKey key) {
    return recent(key.id())
        .filter(host -> key.matches(host.credential().hash()))
        .map(host -> new Caller.Agent(host.organization(), host.credential().agent(), host.id()));
  }

  private Optional<Host> recent(String agent) {
    return recent.get(agent, () -> withAgent(agent));
  }

  private Optional<Host> withAgent(String agent) {
    return Optional.ofNullable(
        mongo.findOne(Query.query(Criteria.where(AGENT).is(agent)), Host.class));
  }

  /** The organization's host with that id. */
  public Optional<Host> find(String organization, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(Criteria.where(Host::id).is(id).and(Host::organization).is(organization)),
            Host.class));
  }

  /** The organization's host with that id or name. */
  public Optional<Host> withIdOrName(String organization, String idOrName) {
    return find(organization, idOrName).or(() -> withName(organization, idOrName));
  }

  /** The organization's host with that name. */
  public Optional<Host> withName(String organization, String name) {
    return Optional.ofNullable(mongo.findOne(named(organization, name), Host.class));
  }

  /** The organization's host, if it has exactly one. */
  public Optional<Host> only(String organization) {
    var some =
        mongo.find(
            Query.query(Criteria.where(Host::organization).is(organization)).limit(2), Host.class);
    return some.size() == 1 ? Optional.of(some.getFirst()) : Optional.empty();
  }

  /** All hosts of an organization, by name. */
  List<Host> in(String organization) {
    return mongo.find(
        Query.query(Criteria.where(Host::organization).is(organization))
            .with(Sort.by(Host::organization, Host::name))
            .limit(10_000),
        Host.class);
  }

  /** The maximum length of a label expression. */
  public static final int LONGEST_SELECTOR = Selector.LONGEST;

  /** What is wrong with a label expression; empty: nothing. */
  public static Optional<String> wrongSelector(String text) {
    try {
      var _ = Selector.parse(text);
      return Optional.empty();
    } catch (Selector.Invalid wrong) {
      return Optional.of(String.valueOf(wrong.getMessage()));
    }
  }

  /** The hosts that a valid label expression selects, as those of a pool, by name. */
  public List<Host> selected(String organization, String selector) {
    return of(new Pool("", organization, "", List.of(), selector, clock.instant()));
  }

  /** The hosts of a pool, by name. */
  public List<Host> of(Pool pool) {
    if (pool.selector() == null) {
      return pool.hosts().stream()
          .flatMap(host -> find(pool.organization(), host).stream())
          .sorted(Comparator.comparing(Host::name))
          .toList();
    }
    return in(pool.organization()).stream().filter(pool::has).toList();
  }

  /** The hosts that match the request. */
  Listing.Page<Host> list(String organization, Listing<Host> asked) {
    var which = new ArrayList<Criteria>();
    which.add(Criteria.where(Host::organization).is(organization));
    for (var stored : Map.of("name", "name", "label", LABELS.toDotPath()).entrySet()) {
      var values = asked.filterAll(stored.getKey());
      if (!values.isEmpty()) {
        which.add(Criteria.where(stored.getValue()).in(values));
      }
    }
    var states = asked.filterAll("state").stream().map(HostState::of).toList();
    if (!states.isEmpty()) {
      var now = clock.instant();
      which.add(new Criteria().orOperator(states.stream().map(state -> state.which(now)).toList()));
    }
    return Pages.find(mongo, Host.class, new Criteria().andOperator(which), asked, Host::id);
  }

  /** What came of opening a session. */
  public sealed interface Opening {

    /** It is the host's current session. */
    record Opened(Host host) implements Opening {}

    /** The host has a different agent now, or was removed. */
    record NotItsAgent() implements Opening {}

    /** The agent was started under another name than that of its host. */
    record OtherName(Host host) implements Opening {}

    /**
     * Another agent with the same credential is alive.
     *
     * @param isNews whether this did not just happen before
     */
    record Rival(Host host, boolean isNews) implements Opening {}
  }

  /**
   * Begins a new agent session: increments the epoch, and rejects older sessions from then on.
   *
   * @param silence for how long an agent that is alive may be silent
   */
  public Opening openSession(Caller.Agent agent, SessionOpening opening, Duration silence) {
    var its = Criteria.where(Host::id).is(agent.host()).and(AGENT).is(agent.agent());
    while (true) {
      var host = mongo.findOne(Query.query(its), Host.class);
      if (host == null) {
        return new Opening.NotItsAgent();
      }
      if (opening.host() != null && !opening.host().equals(host.name())) {
        return new Opening.OtherName(host);
      }
      if (host.isHeldAgainst(opening, silence, clock.instant())) {
        return new Opening.Rival(host, noteRival(host));
      }
      // The contact must be as it was read: the agent that seemed gone may be heard meanwhile.
      var asRead =
          new Criteria()
              .andOperator(
                  its,
                  Criteria.where(EPOCH).is(host.session().epoch()),
                  Criteria.where(HEARD).is(host.contact().heard()));
      var opened = changed(host, asRead, opened(host, opening));
      if (opened.isPresent()) {
        return new Opening.Opened(opened.get());
      }
    }
  }

  private Update opened(Host host, SessionOpening opening) {
    var said = Labels.said(opening.labels());
    return new Update()
        .inc(EPOCH, 1)
        .set(BOOT_ID, opening.bootId())
        .set(FOLDER, opening.folder())
        .set(SLOTS, opening.slots())
        .set(FACTS, opening.facts())
        .set(SILENT, false)
        .set(LISTENING, false)
        .set(HEARD, clock.instant())
        .unset(LEFT)
        .unset(RIVAL)
        .set(LABELS_BY_AGENT, said)
        .set(LABELS, Labels.together(host.labels().byApi(), said));
  }

  /** Leaves word for the agent that is alive; false if that was done just before. */
  private boolean noteRival(Host host) {
    var now = clock.instant();
    var before = host.contact().rival();
    if (before != null && before.plus(SAME_RIVAL).isAfter(now)) {
      return false;
    }
    return mongo
            .updateFirst(
                Query.query(Criteria.where(Host::id).is(host.id()).and(RIVAL).is(before)),
                new Update().set(RIVAL, now),
                Host.class)
            .getModifiedCount()
        > 0;
  }

  /**
   * Ends an agent's session: its host is offline from now on.
   *
   * @return its host; empty if its session is not the current one
   */
  public Optional<Host> endSession(Caller.Agent agent, long epoch) {
    var ended =
        mongo.findAndModify(
            Query.query(
                Criteria.where(Host::id)
                    .is(agent.host())
                    .and(AGENT)
                    .is(agent.agent())
                    .and(EPOCH)
                    .is(epoch)),
            new Update().set(LEFT, clock.instant()).set(LISTENING, false),
            FindAndModifyOptions.options().returnNew(true),
            Host.class);
    recent.drop();
    return Optional.ofNullable(ended);
  }

  /** Replaces the labels set by API. */
  Optional<Host> label(String organization, String id, List<String> labels) {
    return relabelled(
        Criteria.where(Host::id).is(id).and(Host::organization).is(organization),
        host ->
            new Update()
                .set(LABELS_BY_API, labels)
                .set(LABELS, Labels.together(labels, host.labels().byAgent())));
  }

  /**
   * Changes the labels from one source, unless those from the other have changed since they were
   * read.
   */
  private Optional<Host> relabelled(Criteria which, Function<Host, Update> change) {
    while (true) {
      var host = mongo.findOne(Query.query(which), Host.class);
      if (host == null) {
        return Optional.empty();
      }
      var changed = changed(host, which, change.apply(host));
      if (changed.isPresent()) {
        return changed;
      }
    }
  }

  /** Changes a host unless its labels have changed since it was read. */
  private Optional<Host> changed(Host read, Criteria which, Update change) {
    var asRead =
        new Criteria()
            .andOperator(
                which,
                Criteria.where(LABELS_BY_API).is(read.labels().byApi()),
                Criteria.where(LABELS_BY_AGENT).is(read.labels().byAgent()));
    var changed =
        mongo.findAndModify(
            Query.query(asRead),
            change,
            FindAndModifyOptions.options().returnNew(true),
            Host.class);
    recent.drop();
    return Optional.ofNullable(changed);
  }

  /** Allows or stops granting jobs to a host. */
  Optional<Host> allow(String organization, String id, boolean disabled, boolean draining) {
    var allowed =
        mongo.findAndModify(
            Query.query(Criteria.where(Host::id).is(id).and(Host::organization).is(organization)),
            new Update().set(DISABLED, disabled).set(DRAINING, draining),
            FindAndModifyOptions.options().returnNew(true),
            Host.class);
    recent.drop();
    return Optional.ofNullable(allowed);
  }

  /** How many hosts there are in each state, of all organizations; states as on the wire. */
  public Map<String, Long> countByState() {
    var now = clock.instant();
    var counts = new LinkedHashMap<String, Long>();
    for (var state : HostState.values()) {
      counts.put(state.wire(), mongo.count(Query.query(state.which(now)), Host.class));
    }
    return counts;
  }

  /** Removes a host and revokes its agent's credential. */
  void remove(Host host) {
    mongo.remove(
        Query.query(
            Criteria.where(Host::id).is(host.id()).and(Host::organization).is(host.organization())),
        Host.class);
    recent.drop();
  }

  /** Records contact with the agent; false if its session is not the current one. */
  public boolean heard(Caller.Agent agent, long epoch) {
    return mongo
            .updateFirst(
                Query.query(
                    Criteria.where(Host::id)
                        .is(agent.host())
                        .and(AGENT)
                        .is(agent.agent())
                        .and(EPOCH)
                        .is(epoch)
                        .and(LEFT)
                        .isNull()),
                new Update().set(HEARD, clock.instant()).set(SILENT, false),
                Host.class)
            .getMatchedCount()
        > 0;
  }

  /** Hosts without contact since an instant whose silence has not been detected yet. */
  public List<Host> newlySilent(Instant since, int limit) {
    return mongo.find(
        Query.query(Criteria.where(SILENT).is(false).and(HEARD).lt(since))
            .with(Sort.by(SILENT, HEARD))
            .limit(limit),
        Host.class);
  }

  /** Records a host's silence, unless there was contact in between. */
  public boolean noteSilence(Host host) {
    return mongo
            .updateFirst(
                Query.query(
                    Criteria.where(Host::id).is(host.id()).and(HEARD).is(host.contact().heard())),
                new Update().set(SILENT, true),
                Host.class)
            .getModifiedCount()
        > 0;
  }

  /** The number of connected hosts, as precisely as the heartbeat interval needs it. */
  public long heardOf() {
    return mongo.count(Query.query(Criteria.where(SILENT).is(false)), Host.class);
  }

  /**
   * Records whether the agent receives announcements; writes only changes.
   *
   * @return its host; empty if its session is not the current one
   */
  public Optional<Host> synced(Caller.Agent agent, long epoch, boolean listening) {
    var host =
        withAgent(agent.agent())
            .filter(it -> isCurrent(it, agent, epoch))
            .or(() -> confirmed(agent, epoch));
    if (host.isPresent() && host.get().session().listening() != listening) {
      mongo.updateFirst(
          Query.query(Criteria.where(Host::id).is(agent.host()).and(EPOCH).is(epoch)),
          new Update().set(LISTENING, listening),
          Host.class);
    }
    return host;
  }

  /**
   * The agent's host, as it was at most {@link ReadCache#MAX_AGE} ago; empty if its session is not
   * the current one.
   */
  public Optional<Host> current(Caller.Agent agent, long epoch) {
    return recent(agent.agent())
        .filter(host -> isCurrent(host, agent, epoch))
        .or(() -> confirmed(agent, epoch));
  }

  /**
   * Reads once more before an agent is told that its session is over, which ends it: the session
   * may have been opened at another supervisor a moment ago, and a deposed primary does not know.
   */
  private Optional<Host> confirmed(Caller.Agent agent, long epoch) {
    primary.confirm();
    return withAgent(agent.agent()).filter(host -> isCurrent(host, agent, epoch));
  }

  private static boolean isCurrent(Host host, Caller.Agent agent, long epoch) {
    return host.id().equals(agent.host())
        && host.session().epoch() == epoch
        && host.contact().left() == null;
  }

  /** The hosts with these ids, of all organizations. */
  public List<Host> withIds(Collection<String> ids) {
    return mongo.find(Query.query(Criteria.where(Host::id).in(ids)), Host.class);
  }

  private static Query named(String organization, String name) {
    return Query.query(
        Criteria.where(Host::organization).is(organization).and(Host::name).is(name));
  }
}
