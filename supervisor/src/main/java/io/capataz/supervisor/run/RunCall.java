package io.capataz.supervisor.run;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * How a run is requested, apart from its content: the headers that all run routes read.
 *
 * @param once an idempotency key
 * @param prefer whether the response waits for the end, see RFC 7240
 * @param authorization the credentials; null if they come another way, such as in the query
 */
public record RunCall(
    @RequestHeader(name = RunCall.IDEMPOTENCY_KEY, required = false) @Nullable String once,
    @RequestHeader(name = RunCall.PREFER, required = false) @Nullable String prefer,
    @Nullable String authorization) {

  static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private static final String PREFER = "Prefer";

  /** Whether a client that follows the {@code Location} will be authenticated there as well. */
  public boolean isSignedInItsHeader() {
    return authorization != null;
  }

  /** Reads it from a request. */
  @Component
  static final class Resolver implements HandlerMethodArgumentResolver, WebMvcConfigurer {

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
      resolvers.add(this);
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
      return parameter.getParameterType() == RunCall.class;
    }

    @Override
    public RunCall resolveArgument(
        MethodParameter parameter,
        @Nullable ModelAndViewContainer container,
        NativeWebRequest request,
        @Nullable WebDataBinderFactory binders) {
      return new RunCall(
          request.getHeader(IDEMPOTENCY_KEY),
          request.getHeader(PREFER),
          request.getHeader(HttpHeaders.AUTHORIZATION));
    }
  }
}
