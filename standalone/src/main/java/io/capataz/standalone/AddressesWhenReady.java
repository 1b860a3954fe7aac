package io.capataz.standalone;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;

/**
 * Settings of which two are still on their way: whoever asks for the store's or the broker's
 * address waits until it is up. So Spring's own first second runs beside theirs, and nobody ever
 * meets an address where nothing answers.
 */
final class AddressesWhenReady extends EnumerablePropertySource<Map<String, Object>> {

  private final Map<String, Future<Reachable>> coming;

  AddressesWhenReady(Map<String, Object> fixed, Future<Reachable> store, Future<Reachable> broker) {
    super("standalone", new HashMap<>(fixed));
    this.coming = Map.of("capataz.mongodb-uri", store, "capataz.kafka", broker);
    coming.keySet().forEach(name -> getSource().put(name, ""));
  }

  @Override
  public String[] getPropertyNames() {
    return getSource().keySet().toArray(String[]::new);
  }

  @Override
  public @Nullable Object getProperty(String name) {
    Future<Reachable> address = coming.get(name);
    return address == null ? getSource().get(name) : await(address);
  }

  private static String await(Future<Reachable> address) {
    try {
      return address.get().setting();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the store and the broker started.", e);
    }
  }
}
