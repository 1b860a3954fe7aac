package io.capataz.supervisor;

import java.util.function.Consumer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.modulith.Modulithic;

/** The supervisor on its own; needs MongoDB and Kafka ({@code ./capataz supervisor}). */
@SpringBootApplication
@ConfigurationPropertiesScan
@Modulithic(
    systemName = "Capataz supervisor",
    sharedModules = {"web", "listing", "runtime"})
public class SupervisorApplication {

  public static void main(String[] arguments) {
    SupervisorCommand.run(arguments);
  }

  /**
   * Starts a supervisor in this JVM.
   *
   * @param adjust what the application is told before it starts, such as where its store is
   * @param properties as Spring reads them from a command line
   * @throws io.capataz.common.command.StartFailure if something is wrong that the person at the
   *     terminal can mend
   */
  public static ConfigurableApplicationContext start(
      Consumer<SpringApplication> adjust, String... properties) {
    var application = new SpringApplication(SupervisorApplication.class);
    application.setMainApplicationClass(SupervisorApplication.class);
    adjust.accept(application);
    try {
      return application.run(properties);
    } catch (RuntimeException e) {
      throw StartFailures.sentenceIn(e).orElse(e);
    }
  }
}
