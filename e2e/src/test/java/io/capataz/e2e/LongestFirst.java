package io.capataz.e2e;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/**
 * The order in which stories are begun: the longest first, so that none of them runs alone at the
 * end while the other threads have nothing left to do. The report at the end of a build says which
 * those are.
 */
public final class LongestFirst implements ClassOrderer {

  private static final List<Class<?>> LONGEST =
      List.of(
          CutIT.class,
          CrashIT.class,
          BrokerAwayIT.class,
          HungDiskIT.class,
          PoolIT.class,
          ClockJumpIT.class,
          NoMoreProcessesIT.class,
          AgentKillsIT.class,
          RestartIT.class);

  @Override
  public void orderClasses(ClassOrdererContext context) {
    context.getClassDescriptors().sort(Comparator.comparingInt(LongestFirst::place));
  }

  private static int place(ClassDescriptor story) {
    int place = LONGEST.indexOf(story.getTestClass());
    return place < 0 ? LONGEST.size() : place;
  }
}
