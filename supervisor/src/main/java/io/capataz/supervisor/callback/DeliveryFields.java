package io.capataz.supervisor.callback;

import io.capataz.supervisor.callback.Delivery.Course;
import io.capataz.supervisor.callback.Delivery.State;
import java.time.Instant;
import org.springframework.data.core.TypedPropertyPath;

/** The fields of stored deliveries that queries, updates and indexes name. */
final class DeliveryFields {

  static final TypedPropertyPath<Delivery, State> STATE =
      TypedPropertyPath.of(Delivery::course).then(Course::state);
  static final TypedPropertyPath<Delivery, Integer> NUMBER =
      TypedPropertyPath.of(Delivery::course).then(Course::number);
  static final TypedPropertyPath<Delivery, Instant> DUE =
      TypedPropertyPath.of(Delivery::course).then(Course::due);
  static final TypedPropertyPath<Delivery, Instant> DEADLINE =
      TypedPropertyPath.of(Delivery::course).then(Course::deadline);
  static final TypedPropertyPath<Delivery, String> CLAIM =
      TypedPropertyPath.of(Delivery::course).then(Course::claim);
  static final TypedPropertyPath<Delivery, Instant> SUCCEEDED =
      TypedPropertyPath.of(Delivery::course).then(Course::succeeded);
  static final TypedPropertyPath<Delivery, Boolean> ORPHAN =
      TypedPropertyPath.of(Delivery::course).then(Course::orphan);

  private DeliveryFields() {}
}
