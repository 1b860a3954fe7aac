package io.capataz.embedded.broker;

import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.IDEMPOTENT_WRITE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.authorizer.AclCreateResult;
import org.apache.kafka.server.authorizer.AclDeleteResult;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;

/**
 * What each of the broker's three users may do; everything else is refused. The rules are fixed, so
 * there is no list of them that could be changed or lost. Kafka makes this by its name.
 */
public final class AnnouncementRights implements Authorizer {

  private static final String OURS = "capataz.";

  /** What supervisors tell each other; it names jobs of all organizations. */
  private static final String EVENTS = "capataz.events";

  private static final Map<ResourceType, Set<AclOperation>> OF_THE_SUPERVISOR =
      Map.of(
          ResourceType.TOPIC,
          Set.of(CREATE, WRITE, DESCRIBE, ALTER, ALTER_CONFIGS, DESCRIBE_CONFIGS),
          ResourceType.GROUP,
          Set.of(DESCRIBE, ALTER_CONFIGS, DESCRIBE_CONFIGS));

  private static final Map<ResourceType, Set<AclOperation>> OF_AGENTS =
      Map.of(
          ResourceType.TOPIC, Set.of(READ, DESCRIBE), ResourceType.GROUP, Set.of(READ, DESCRIBE));

  @Override
  public void configure(Map<String, ?> settings) {
    // There is nothing to choose.
  }

  @Override
  public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo server) {
    return server.endpoints().stream()
        .collect(
            Collectors.toMap(
                endpoint -> endpoint, _ -> CompletableFuture.<Void>completedFuture(null)));
  }

  @Override
  public List<AuthorizationResult> authorize(
      AuthorizableRequestContext context, List<Action> actions) {
    String user = context.principal().getName();
    return actions.stream()
        .map(
            action ->
                isAllowed(user, action) ? AuthorizationResult.ALLOWED : AuthorizationResult.DENIED)
        .toList();
  }

  private static boolean isAllowed(String user, Action action) {
    return switch (user) {
      case BrokerPasswords.BROKER -> true;
      case BrokerPasswords.SUPERVISOR ->
          isListed(OF_THE_SUPERVISOR, action)
              || (isOfEvents(action) && action.operation() == READ)
              || (action.resourcePattern().resourceType() == ResourceType.CLUSTER
                  && action.operation() == IDEMPOTENT_WRITE);
      case BrokerPasswords.AGENT -> isListed(OF_AGENTS, action) && !isOfEvents(action);
      default -> false;
    };
  }

  private static boolean isOfEvents(Action action) {
    return action.resourcePattern().name().equals(EVENTS);
  }

  private static boolean isListed(Map<ResourceType, Set<AclOperation>> rights, Action action) {
    return action.resourcePattern().name().startsWith(OURS)
        && rights
            .getOrDefault(action.resourcePattern().resourceType(), Set.of())
            .contains(action.operation());
  }

  @Override
  public List<? extends CompletionStage<AclCreateResult>> createAcls(
      AuthorizableRequestContext context, List<AclBinding> bindings) {
    throw fixed();
  }

  @Override
  public List<? extends CompletionStage<AclDeleteResult>> deleteAcls(
      AuthorizableRequestContext context, List<AclBindingFilter> filters) {
    throw fixed();
  }

  @Override
  public Iterable<AclBinding> acls(AclBindingFilter filter) {
    return List.of();
  }

  /** No client gets here: only the broker's own user may alter the cluster. */
  private static InvalidRequestException fixed() {
    return new InvalidRequestException("the rights of the embedded broker's users are fixed");
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
