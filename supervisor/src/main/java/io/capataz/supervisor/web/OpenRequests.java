package io.capataz.supervisor.web;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Requests that are kept open until something happens: waits for the end of jobs, streams of
 * output. Each holds a connection and memory for minutes, so their number is limited, for all and
 * for each organization.
 */
@Component
public class OpenRequests {

  private static final String ALL = "";

  private final int most;
  private final int mostOfOne;
  private final Map<String, Integer> open = new ConcurrentHashMap<>();

  OpenRequests() {
    this(400, 300);
  }

  /**
   * Another kind of open requests, which is counted apart.
   *
   * @param mostOfOne of one organization
   */
  public OpenRequests(int most, int mostOfOne) {
    this.most = most;
    this.mostOfOne = mostOfOne;
  }

  /** The place of one request; closed when it has been answered. */
  public final class Place implements AutoCloseable {
    private final String organization;

    private Place(String organization) {
      this.organization = organization;
    }

    @Override
    public void close() {
      leave(organization);
      leave(ALL);
    }
  }

  /**
   * Takes a place.
   *
   * @throws ApiProblem 429 if there is none
   */
  public Place enter(String organization) {
    take(ALL, most);
    try {
      take(organization, mostOfOne);
    } catch (ApiProblem full) {
      leave(ALL);
      throw full;
    }
    return new Place(organization);
  }

  private void take(String who, int limit) {
    open.compute(
        who,
        (_, count) -> {
          var now = count == null ? 0 : count;
          if (now >= limit) {
            throw ApiProblem.tooMany(
                "Too many requests are open that wait for jobs or follow them. Close some, or ask"
                    + " for the job from time to time.",
                5);
          }
          return now + 1;
        });
  }

  private void leave(String who) {
    open.computeIfPresent(who, (_, count) -> count == 1 ? null : count - 1);
  }
}
