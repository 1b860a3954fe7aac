package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Asks the API for what the pages of jobs show. */
@Component
class JobPages {

  private static final int PAGE = 50;

  /** How many tasks a search may mean. */
  private static final int MOST_TASKS = 100;

  private final ConsoleApi api;
  private final Words words;

  JobPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * A page of the list.
   *
   * @param next the cursor of the next page; null: it ends here
   */
  record JobList(List<JobRow> rows, @Nullable String next) {}

  JobList list(String organization, JobSearch filter) {
    var tasks = tasks(organization, filter);
    if (tasks.isEmpty() && !filter.search().isEmpty()) {
      return new JobList(List.of(), null);
    }
    var query = new StringBuilder("limit=" + PAGE);
    filter.states().forEach(state -> add(query, "status", state));
    tasks.forEach(task -> add(query, "task", task));
    add(query, "host", filter.host());
    add(query, "origin", filter.origin());
    add(query, "from", filter.from());
    add(query, "until", filter.until());
    add(query, "cursor", filter.cursor());
    var answer = api.get("/" + organization + "/job?" + query);
    var rows = new ArrayList<JobRow>();
    answer.body().forEach(job -> rows.add(JobRow.of(job, words)));
    return new JobList(rows, answer.cursor());
  }

  JobRow row(String organization, String id) {
    return JobRow.of(api.get("/" + organization + "/job/" + id).body(), words);
  }

  JobPage one(String organization, String id) {
    var job = api.get("/" + organization + "/job/" + id).body();
    var progress = api.get("/" + organization + "/job/" + id + "/progress").body();
    var task =
        api.send("GET", "/" + organization + "/task/" + job.path("task_id").asString(""), null);
    return JobPage.of(
        job, progress, task.isSuccess() ? task.body() : MessageJson.mapper().missingNode(), words);
  }

  /**
   * The tasks that are meant, by their ids: those named, or those whose name has the text in it.
   */
  private List<String> tasks(String organization, JobSearch filter) {
    var meant = new ArrayList<String>();
    if (!filter.task().isEmpty()) {
      meant.add(filter.task());
    }
    if (!filter.search().isEmpty()) {
      var wanted = filter.search().toLowerCase(Locale.ROOT);
      api.get("/" + organization + "/task?limit=1000&fields=id,name")
          .body()
          .forEach(
              task -> {
                if (task.path("name").asString("").toLowerCase(Locale.ROOT).contains(wanted)
                    && meant.size() < MOST_TASKS) {
                  meant.add(task.path("id").asString(""));
                }
              });
    }
    return meant;
  }

  private static void add(StringBuilder query, String name, String value) {
    if (!value.isEmpty()) {
      query.append('&').append(name).append('=');
      query.append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }
}
