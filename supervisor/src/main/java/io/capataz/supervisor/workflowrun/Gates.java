package io.capataz.supervisor.workflowrun;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.runtime.Indexed;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All gates. */
@Repository
class Gates implements Indexed {

  private static final FindAndModifyOptions OPENING =
      FindAndModifyOptions.options().upsert(true).returnNew(true);

  private final MongoOperations mongo;

  Gates(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return Gate.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(Gate::run, Sort.Direction.ASC));
  }

  /**
   * What an arrival came to.
   *
   * @param count how many have arrived by now
   * @param again whether this one had arrived before; then others may have arrived since
   */
  record Arrival(int count, boolean again) {
    /** Whether it may be the one with which so many are there. */
    boolean completes(int need) {
      return again ? count >= need : count == need;
    }
  }

  private record Counted(@Id String id, int count) {}

  /**
   * Notes an arrival, once.
   *
   * @param gate what is to be known of the gate if this is the first arrival
   * @param end what has arrived; if the place is taken, it replaces what is there
   */
  Arrival arrive(Gate gate, int place, String end) {
    var field = "arrived." + Gate.field(place);
    return idempotent(() -> arrived(gate, place, field, end))
        .orElseGet(() -> again(gate, field, end));
  }

  private Optional<Arrival> arrived(Gate gate, int place, String field, String end) {
    var open = Query.query(Criteria.where("_id").is(gate.id()).and(field).exists(false));
    open.fields().include("count");
    var note =
        new Update()
            .set(field, end)
            .push("order", place)
            .inc("count", 1)
            .setOnInsert("run", gate.run())
            .setOnInsert("step", gate.step())
            .setOnInsert("number", gate.number())
            .setOnInsert("cause", gate.cause());
    try {
      return Optional.ofNullable(
              mongo.findAndModify(
                  open, note, OPENING, Counted.class, mongo.getCollectionName(Gate.class)))
          .map(counted -> new Arrival(counted.count(), false));
    } catch (DuplicateKeyException there) {
      return Optional.empty();
    }
  }

  private Arrival again(Gate gate, String field, String end) {
    var here = Query.query(Criteria.where("_id").is(gate.id()));
    var others = Query.query(Criteria.where("_id").is(gate.id()).and(field).exists(true).ne(end));
    var _ = idempotent(() -> mongo.updateFirst(others, new Update().set(field, end), Gate.class));
    here.fields().include("count");
    var counted = mongo.findOne(here, Counted.class, mongo.getCollectionName(Gate.class));
    return new Arrival(counted == null ? 0 : counted.count(), true);
  }

  Optional<Gate> find(String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, Gate.class)));
  }

  void forget(String run) {
    var _ =
        idempotent(() -> mongo.remove(Query.query(Criteria.where(Gate::run).is(run)), Gate.class));
  }
}
