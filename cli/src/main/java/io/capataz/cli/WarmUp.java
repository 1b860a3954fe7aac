package io.capataz.cli;

import io.capataz.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What the launcher runs once, so that the JVM remembers the classes of a usual command: a list of
 * jobs, read from a server in this process that says the same to everybody.
 */
public final class WarmUp {

  private static final String JOBS =
      """
      [{"id": "665f1c2e9b1d4a0007a3b9c1", "name": "warm-up", "status": "succeeded", "exit_code": 0,
        "host": {"hostname": "here"}, "creation_date": "2026-01-31T12:00:00Z"}]
      """;

  private WarmUp() {}

  public static void main(String[] words) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      Thread.ofPlatform().daemon().start(() -> serve(server));
      Map<String, String> environment =
          Map.of(
              "CAPATAZ_URL", "http://127.0.0.1:" + server.getLocalPort(),
              "CAPATAZ_TOKEN", "warm-up",
              "CAPATAZ_ORGANIZATION", "warm-up");
      int code = 0;
      for (String format : List.of("table", "yaml", "json")) {
        code += Main.program().run(List.of("job", "list", "-o", format), nowhere(environment));
      }
      Runtime.getRuntime().exit(code);
    }
  }

  private static Terminal nowhere(Map<String, String> environment) {
    return new Terminal(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
        environment,
        "");
  }

  private static void serve(ServerSocket server) {
    byte[] body = JOBS.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Content-Length: %d\r\n\r\n".formatted(body.length);
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        var request =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String line = request.readLine();
        while (line != null && !line.isEmpty()) {
          line = request.readLine();
        }
        socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().write(body);
      } catch (IOException e) {
        // The warm-up is over, or the JVM does with what it has seen so far.
      }
    }
  }
}
