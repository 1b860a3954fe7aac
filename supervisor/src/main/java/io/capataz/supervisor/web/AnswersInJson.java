package io.capataz.supervisor.web;

import java.util.List;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.accept.ContentNegotiationStrategy;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * A route has one form of answer, whatever is accepted. The framework looks at {@code Accept} when
 * it writes the answer: who accepts something else would be told 406 after what was asked for has
 * been done.
 */
@Configuration(proxyBeanMethods = false)
class AnswersInJson implements WebMvcConfigurer {

  @Override
  public void configureContentNegotiation(ContentNegotiationConfigurer negotiation) {
    negotiation.strategies(List.of(_ -> ContentNegotiationStrategy.MEDIA_TYPE_ALL_LIST));
  }
}
