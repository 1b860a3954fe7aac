package io.capataz.supervisor.web;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the web server itself refuses, and how. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsInsteadOfPages() {
    return factory ->
        factory.addContextCustomizers(
            context -> context.getParent().getPipeline().addValve(new ProblemValve()));
  }

  /**
   * Seed 004's clients send {@code where[name]=x} without escaping the brackets, as browsers do.
   */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> bracketsInQueries() {
    return factory ->
        factory.addConnectorCustomizers(
            connector -> connector.setProperty("relaxedQueryChars", "[]"));
  }
}
