package io.capataz.supervisor.outbound;

import io.capataz.common.protocol.Bytes;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP call.
 *
 * @param body null: none
 * @param timeout for all of it, redirects included
 * @param redirects how many are followed
 * @param most how many bytes of the response's body are read
 * @param isHeadEnough whether a response counts whose body does not come, or not in time
 */
public record HttpCall(
    String method,
    URI uri,
    Map<String, String> headers,
    @Nullable Bytes body,
    Duration timeout,
    int redirects,
    int most,
    boolean isHeadEnough) {

  public HttpCall {
    headers = Map.copyOf(headers);
  }

  /**
   * What was answered.
   *
   * @param headers by names in lower case
   * @param isCut whether the body was longer
   */
  public record Answer(int status, Map<String, String> headers, Bytes body, boolean isCut) {
    public Answer {
      headers = Map.copyOf(headers);
    }
  }

  /** There was no answer. */
  public static final class Failed extends Exception {

    private static final long serialVersionUID = 1L;

    private final Why why;

    Failed(Why why, String sentence) {
      super(sentence);
      this.why = why;
    }

    /** There was an answer, but it is as good as none. */
    public static Failed because(String sentence) {
      return new Failed(Why.FAILED, sentence);
    }

    public Why why() {
      return why;
    }

    public String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** Why there was no answer. */
  public enum Why {
    /** The address must not be called. */
    REFUSED,
    /** It took too long. */
    TIMED_OUT,
    /** The connection failed, or what came was no HTTP. */
    FAILED
  }
}
