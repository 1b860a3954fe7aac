package io.capataz.supervisor.host;

import io.capataz.common.protocol.HostFacts;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.CallerSource;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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

  private final MongoOperations mongo;
  private final InstantSource clock;

  Hosts(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return Host.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on("organization", Sort.Direction.ASC).on("name", Sort.Direction.ASC).unique(),
        new Index().on("agent", Sort.Direction.ASC).unique(),
        // Hosts whose silence has not been detected yet.
        new Index().on("silent", Sort.Direction.ASC).on("heard", Sort.Direction.ASC));
  }

  /** An enrolled host and its agent's credential, available only here. */
  record Enrolled(Host host, Secret credential) {}

  /**
   * Registers a host, or a new agent for an existing host: the old agent's credential is then
   * invalid.
   */
  Enrolled enrol(String organization, String name, HostFacts facts) {
    var issued = AccessKey.issue(AccessKey.Kind.AG);
    var agent = issued.key().id();
    var host =
        new Host(
            ObjectId.get().toHexString(),
            organization,
            name,
            clock.instant(),
            agent,
            issued.key().hash(),
            0,
            null,
            0,
            null,
            false,
            false,
            facts,
            List.of(),
            List.of(),
            List.of(),
            false,
            false);
    try {
      return new Enrolled(mongo.insert(host), issued.text());
    } catch (DuplicateKeyException known) {
      var replaced =
          mongo.findAndModify(
              named(organization, name),
              new Update()
                  .set("agent", agent)
                  .set("credentialHash", issued.key().hash())
                  .set("facts", facts)
                  .inc("epoch", 1),
              FindAndModifyOptions.options().returnNew(true),
              Host.class);
      if (replaced == null) {
        throw new IllegalStateException(
            "The host '" + name + "' was removed during enrolment; enrol it again.", known);
      }
      return new Enrolled(replaced, issued.text());
    }
  }

  @Override
  public AccessKey.Kind kind() {
    return AccessKey.Kind.AG;
  }

  @Override
  public Optional<Caller> callerOf(AccessKey key) {
    return Optional.ofNullable(
            mongo.findOne(Query.query(Criteria.where("agent").is(key.id())), Host.class))
        .filter(host -> key.matches(host.credentialHash()))
        .map(host -> new Caller.Agent(host.organization(), host.agent(), host.id()));
  }

  /** The organization's host with that id. */
  public Optional<Host> find(String organization, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(Criteria.where("_id").is(id).and("organization").is(organization)),
            Host.class));
  }

  /** The organization's host with that name. */
  public Optional<Host> withName(String organization, String name) {
    return Optional.ofNullable(mongo.findOne(named(organization, name), Host.class));
  }

  /** All hosts of an organization, by name. */
  List<Host> in(String organization) {
    return mongo.find(
        Query.query(Criteria.where("organization").is(organization))
            .with(Sort.by("organization", "name"))
            .limit(10_000),
        Host.class);
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
    which.add(Criteria.where("organization").is(organization));
    for (var stored : Map.of("name", "name", "label", "labels").entrySet()) {
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

  /** Begins a new agent session: increments the epoch, and rejects older sessions from then on. */
  public Optional<Host> openSession(Caller.Agent agent, SessionOpening opening) {
    var said = Labels.said(opening.labels());
    return relabelled(
        Criteria.where("_id").is(agent.host()).and("agent").is(agent.agent()),
        host ->
            new Update()
                .inc("epoch", 1)
                .set("bootId", opening.bootId())
                .set("slots", opening.slots())
                .set("facts", opening.facts())
                .set("silent", false)
                .set("listening", false)
                .set("heard", clock.instant())
                .set("labelsByAgent", said)
                .set("labels", Labels.together(host.labelsByApi(), said)));
  }

  /** Replaces the labels set by API. */
  Optional<Host> label(String organization, String id, List<String> labels) {
    return relabelled(
        Criteria.where("_id").is(id).and("organization").is(organization),
        host ->
            new Update()
                .set("labelsByApi", labels)
                .set("labels", Labels.together(labels, host.labelsByAgent())));
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
      var asRead =
          new Criteria()
              .andOperator(
                  which,
                  sameLabels("labelsByApi", host.labelsByApi()),
                  sameLabels("labelsByAgent", host.labelsByAgent()));
      var changed =
          mongo.findAndModify(
              Query.query(asRead),
              change.apply(host),
              FindAndModifyOptions.options().returnNew(true),
              Host.class);
      if (changed != null) {
        return Optional.of(changed);
      }
    }
  }

  private static Criteria sameLabels(String field, List<String> labels) {
    // Hosts stored before labels existed have none.
    return labels.isEmpty()
        ? Criteria.where(field).in(List.of(), null)
        : Criteria.where(field).is(labels);
  }

  /** Allows or stops granting jobs to a host. */
  Optional<Host> allow(String organization, String id, boolean disabled, boolean draining) {
    return Optional.ofNullable(
        mongo.findAndModify(
            Query.query(Criteria.where("_id").is(id).and("organization").is(organization)),
            new Update().set("disabled", disabled).set("draining", draining),
            FindAndModifyOptions.options().returnNew(true),
            Host.class));
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
            Criteria.where("_id").is(host.id()).and("organization").is(host.organization())),
        Host.class);
  }

  /** Records contact with the agent; false if its session is not the current one. */
  public boolean heard(Caller.Agent agent, long epoch) {
    return mongo
            .updateFirst(
                Query.query(
                    Criteria.where("_id")
                        .is(agent.host())
                        .and("agent")
                        .is(agent.agent())
                        .and("epoch")
                        .is(epoch)),
                new Update().set("heard", clock.instant()).set("silent", false),
                Host.class)
            .getMatchedCount()
        > 0;
  }

  /** Hosts without contact since an instant whose silence has not been detected yet. */
  public List<Host> newlySilent(Instant since, int limit) {
    return mongo.find(
        Query.query(Criteria.where("silent").is(false).and("heard").lt(since))
            .with(Sort.by("silent", "heard"))
            .limit(limit),
        Host.class);
  }

  /** Records a host's silence, unless there was contact in between. */
  public boolean noteSilence(Host host) {
    return mongo
            .updateFirst(
                Query.query(Criteria.where("_id").is(host.id()).and("heard").is(host.heard())),
                new Update().set("silent", true),
                Host.class)
            .getModifiedCount()
        > 0;
  }

  /** The number of connected hosts, as precisely as the heartbeat interval needs it. */
  public long heardOf() {
    return mongo.count(Query.query(Criteria.where("silent").is(false)), Host.class);
  }

  /**
   * Records whether the agent receives announcements; writes only changes.
   *
   * @return its host; empty if its session is not the current one
   */
  public Optional<Host> synced(Caller.Agent agent, long epoch, boolean listening) {
    var host = current(agent, epoch);
    if (host.isPresent() && host.get().listening() != listening) {
      mongo.updateFirst(
          Query.query(Criteria.where("_id").is(agent.host()).and("epoch").is(epoch)),
          new Update().set("listening", listening),
          Host.class);
    }
    return host;
  }

  /** The agent's host; empty if its session is not the current one. */
  public Optional<Host> current(Caller.Agent agent, long epoch) {
    return Optional.ofNullable(mongo.findById(agent.host(), Host.class))
        .filter(host -> host.agent().equals(agent.agent()) && host.epoch() == epoch);
  }

  private static Query named(String organization, String name) {
    return Query.query(Criteria.where("organization").is(organization).and("name").is(name));
  }
}
