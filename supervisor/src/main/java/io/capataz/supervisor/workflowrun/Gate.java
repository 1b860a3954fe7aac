package io.capataz.supervisor.workflowrun;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * What has arrived where a run waits for more than one end: the edges of a join, the items of a
 * list.
 *
 * @param id of the join, or of the items of a visit
 * @param cause what led to the visit of a step with a list
 * @param count how many have arrived
 * @param arrived the ends, by their place
 * @param order the places, in the order of arrival
 */
@Document("workflow_gates")
record Gate(
    @Id String id,
    String run,
    String step,
    int number,
    String cause,
    int count,
    Map<String, String> arrived,
    List<Integer> order) {
  Gate {
    arrived = Map.copyOf(arrived);
    order = List.copyOf(order);
  }

  static String field(int place) {
    return "p" + place;
  }

  Optional<String> at(int place) {
    return Optional.ofNullable(arrived.get(field(place)));
  }
}
