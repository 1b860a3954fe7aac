package io.capataz.supervisor.access;

import io.capataz.supervisor.web.ApiInput;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Registers the guard for every route and passes its findings to controllers. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration implements WebMvcConfigurer {

  private final RouteGuard guard;

  AccessConfiguration(RouteGuard guard) {
    this.guard = guard;
  }

  /**
   * Spring Security's part: its firewall rejects ambiguous paths, and its headers are on every
   * response. There is no session, form or cookie that could be abused. Access is decided by the
   * guard.
   */
  @Bean
  SecurityFilterChain api(HttpSecurity http) throws Exception {
    return http.csrf(AbstractHttpConfigurer::disable)
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .anonymous(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .headers(
            headers ->
                headers.referrerPolicy(
                    policy ->
                        policy.policy(
                            org.springframework.security.web.header.writers
                                .ReferrerPolicyHeaderWriter.ReferrerPolicy.NO_REFERRER)))
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .build();
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(guard);
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(new FromRequest());
  }

  /**
   * Resolves controller parameters of the types {@link Caller}, presented key and {@link ApiInput}.
   */
  private static final class FromRequest implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
      return Caller.class.isAssignableFrom(parameter.getParameterType())
          || parameter.getParameterType() == AccessKey.class
          || parameter.getParameterType() == ApiInput.class;
    }

    @Override
    public @Nullable Object resolveArgument(
        MethodParameter parameter,
        @Nullable ModelAndViewContainer container,
        NativeWebRequest webRequest,
        @Nullable WebDataBinderFactory binderFactory) {
      var request = webRequest.getNativeRequest(HttpServletRequest.class);
      if (request == null) {
        throw new IllegalStateException("There is no current request, so there is no caller.");
      }
      if (parameter.getParameterType() == ApiInput.class) {
        return ApiInput.of(request);
      }
      return request.getAttribute(
          parameter.getParameterType() == AccessKey.class ? Callers.KEY : RouteGuard.CALLER);
    }
  }
}
