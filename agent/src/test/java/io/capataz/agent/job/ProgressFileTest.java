package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.ProgressReport.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a script appends to its progress file is read once, and whatever it is does no harm. */
class ProgressFileTest {

  @TempDir private Path folder;
  private Path path;
  private ProgressFile file;

  @BeforeEach
  void aFile() {
    path = folder.resolve("progress");
    file = new ProgressFile(path, Redactor.of(List.of("hunter2hunter2")));
  }

  @Test
  void there_is_no_file() throws IOException {
    assertThat(file.read(true)).isEmpty();
  }

  @Test
  void lines_of_both_kinds_are_read_and_others_passed_over() throws IOException {
    write(
        """
        {"percent":10,"message":"copying"}
        20
        30.9 three of ten
        not progress
        {"percent":101}
        {"percent":-1,"message":"odd"}
        {"percent":"7"}
        {"message":5}
        {broken

        NaN
        1e9
        {"percent":40,"other":1}
        """);

    assertThat(next(false))
        .containsExactly(
            new Entry(10, "copying"),
            new Entry(20, null),
            new Entry(30, "three of ten"),
            new Entry(null, "odd"),
            new Entry(40, null));
    assertThat(file.read(true)).isEmpty();
  }

  @Test
  void it_goes_on_where_it_was_and_repeats_what_was_not_taken() throws IOException {
    write("1\n2\n");
    var first = file.read(false).orElseThrow();
    assertThat(file.read(false)).hasValue(first);
    file.taken(first);
    write("3\n");

    var second = file.read(false).orElseThrow();

    assertThat(first.before()).isZero();
    assertThat(second.before()).isEqualTo(2);
    assertThat(second.entries()).containsExactly(new Entry(3, null));
  }

  @Test
  void a_line_counts_when_it_is_complete_or_the_script_has_ended() throws IOException {
    write("5");
    assertThat(next(false)).isEmpty();
    write("0 half\n6");
    assertThat(next(false)).containsExactly(new Entry(50, "half"));
    assertThat(next(true)).containsExactly(new Entry(6, null));
    assertThat(file.read(true)).isEmpty();
  }

  @Test
  void of_many_the_newest_are_sent_and_all_are_counted() throws IOException {
    for (var i = 0; i < 120; i++) {
      write(i % 100 + "\n");
    }

    var news = file.read(false).orElseThrow();

    assertThat(news.before()).isEqualTo(120 - ProgressReport.MOST_ENTRIES);
    assertThat(news.entries()).hasSize(ProgressReport.MOST_ENTRIES);
    assertThat(news.entries().getLast()).isEqualTo(new Entry(19, null));
  }

  @Test
  void a_line_without_end_is_passed_over_whole() throws IOException {
    write("{\"percent\":1,\"message\":\"" + "x".repeat(200_000) + "\"}\n7\n");

    var found = next(false);
    while (found.isEmpty()) {
      found = next(false);
    }

    assertThat(found).containsExactly(new Entry(7, null));
  }

  @Test
  void secrets_are_masked_and_long_messages_cut() throws IOException {
    write("1 with hunter2hunter2 in it\n2 " + "y".repeat(700) + "\n");

    var found = next(false);

    assertThat(found.getFirst().message()).isEqualTo("with ************** in it");
    assertThat(found.getLast().message()).hasSize(ProgressReport.LONGEST_MESSAGE);
  }

  @Test
  void a_link_or_a_folder_in_its_place_is_not_read() throws IOException {
    Files.writeString(folder.resolve("other"), "50\n");
    Files.createSymbolicLink(path, folder.resolve("other"));
    assertThat(file.read(true)).isEmpty();

    Files.delete(path);
    Files.createDirectory(path);
    assertThat(file.read(true)).isEmpty();
  }

  private List<Entry> next(boolean over) throws IOException {
    var news = file.read(over).orElseThrow();
    file.taken(news);
    return news.entries();
  }

  private void write(String text) throws IOException {
    Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
