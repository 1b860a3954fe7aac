package io.capataz.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class IoReasonTest {

  @Test
  void names_the_file_and_never_the_class_of_a_known_failure() {
    assertThat(IoReason.of(new AccessDeniedException("/a"))).isEqualTo("permission denied: /a");
    assertThat(IoReason.of(new NoSuchFileException("/a"))).isEqualTo("/a does not exist");
    assertThat(IoReason.of(new FileAlreadyExistsException("/a"))).isEqualTo("/a already exists");
    assertThat(IoReason.of(new FileSystemException("/a", null, "No space left on device")))
        .isEqualTo("/a: No space left on device");
    assertThat(IoReason.of(new ConnectException())).isEqualTo("connection failed");
  }

  @Test
  void says_what_there_is_to_say_of_any_other() {
    assertThat(IoReason.of(new IOException("Broken pipe"))).isEqualTo("Broken pipe");
    assertThat(IoReason.of(new EOFException())).isEqualTo("EOFException");
  }
}
