package io.capataz.supervisor.run;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.web.ApiInput;
import java.util.Optional;
import org.springframework.http.ResponseEntity;

/** What {@code POST /job} runs besides tasks. Every bean of this type is asked. */
public interface OtherRuns {

  /**
   * Runs it.
   *
   * @param id what the body names as {@code task}
   * @return empty if it is none of these, or the caller may not see it
   */
  Optional<ResponseEntity<?>> run(Caller.Member caller, String id, ApiInput input, RunCall call)
      throws InterruptedException;
}
