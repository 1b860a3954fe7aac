package io.capataz.supervisor;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A client of the store for whose caller the world ends after some of its writes. */
public final class KilledStore {

  private static final Pattern WRITE =
      Pattern.compile("(insert|update|replace|delete|findOneAnd|bulkWrite).*");

  private static final Set<Class<?>> WRAPPED = Set.of(MongoDatabase.class, MongoCollection.class);

  /** How many writes this thread may still make; null: as many as it likes. */
  private static final ThreadLocal<@Nullable Integer> LEFT = new ThreadLocal<>();

  private KilledStore() {}

  /** What happens to a supervisor that dies. */
  public static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  public static MongoClient around(MongoClient client) {
    return wrapped(client, MongoClient.class);
  }

  /** Does something, and dies after that many writes unless it is done by then. */
  public static void dyingAfter(int writes, Runnable what) {
    LEFT.set(writes);
    try {
      what.run();
    } catch (Killed dead) {
      // That is what was wanted.
    } finally {
      LEFT.remove();
    }
  }

  private static <T> T wrapped(T real, Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> called(real, method, arguments)));
  }

  private static @Nullable Object called(Object real, Method method, @Nullable Object[] arguments)
      throws Throwable {
    var isWrite = WRITE.matcher(method.getName()).matches();
    var left = LEFT.get();
    if (isWrite && left != null && left <= 0) {
      throw new Killed();
    }
    Object answer;
    try {
      answer = method.invoke(real, arguments);
    } catch (InvocationTargetException failed) {
      throw failed.getCause();
    }
    if (isWrite && left != null) {
      LEFT.set(left - 1);
    }
    for (var type : WRAPPED) {
      if (method.getReturnType() == type) {
        return again(answer, type);
      }
    }
    return answer;
  }

  private static <T> T again(Object real, Class<T> type) {
    return wrapped(type.cast(real), type);
  }
}
