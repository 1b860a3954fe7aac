package io.capataz.supervisor;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.modulith.Modulithic;

/** The supervisor on its own; needs MongoDB and Kafka ({@code ./capataz supervisor}). */
@SpringBootApplication
@ConfigurationPropertiesScan
@Modulithic(
    systemName = "Capataz supervisor",
    sharedModules = {"web", "listing", "runtime"})
public class SupervisorApplication {
  public static void main(String[] args) {
    SpringApplication.run(SupervisorApplication.class, args);
  }
}
