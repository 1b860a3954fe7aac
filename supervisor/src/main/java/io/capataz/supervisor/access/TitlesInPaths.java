package io.capataz.supervisor.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.firewall.FirewalledRequest;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;

/**
 * Titles in paths may contain slashes and percent signs, as {@code %2F} and {@code %25}: seed 004's
 * clients name indicators so. In any other path these are refused, as everything ambiguous is.
 */
@Configuration(proxyBeanMethods = false)
class TitlesInPaths {

  private static final String TITLE = "/indicator/title/";

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> slashesInPaths() {
    return factory ->
        factory.addConnectorCustomizers(connector -> connector.setEncodedSolidusHandling("decode"));
  }

  @Bean
  HttpFirewall firewall() {
    var usual = new StrictHttpFirewall();
    var titles = new StrictHttpFirewall();
    titles.setAllowUrlEncodedSlash(true);
    titles.setAllowUrlEncodedPercent(true);
    return new HttpFirewall() {
      @Override
      public FirewalledRequest getFirewalledRequest(HttpServletRequest request) {
        var isTitle = request.getRequestURI().contains(TITLE);
        return (isTitle ? titles : usual).getFirewalledRequest(request);
      }

      @Override
      public HttpServletResponse getFirewalledResponse(HttpServletResponse response) {
        return usual.getFirewalledResponse(response);
      }
    };
  }
}
