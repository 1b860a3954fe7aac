package io.capataz.supervisor.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A provider of a few lines that answers whatever a test wants it to, right or wrong. */
final class MadeUpProvider implements AutoCloseable {

  static final String CLIENT = "capataz";

  /** Made once: it takes a while. */
  static final RSAKey KEY = key("right");

  private final HttpServer server;
  private final Map<String, Said> said = new ConcurrentHashMap<>();
  private final Map<String, Object> user = new ConcurrentHashMap<>();
  private final Map<String, Map<String, String>> asked = new ConcurrentHashMap<>();

  private record Said(int status, String type, String body) {}

  private MadeUpProvider(HttpServer server) {
    this.server = server;
  }

  /** Starts one on a port; 0: any. */
  static MadeUpProvider on(int port) {
    try {
      var server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      var provider = new MadeUpProvider(server);
      server.createContext("/.well-known/openid-configuration", provider::metadata);
      server.createContext(
          "/keys",
          exchange ->
              answer(exchange, new Said(200, "application/json", new JWKSet(KEY).toString())));
      server.createContext("/token", provider::token);
      server.createContext("/user", provider::user);
      server.start();
      return provider;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  String issuer() {
    return "http://127.0.0.1:" + port();
  }

  /** What a good token says. */
  JWTClaimsSet.Builder claims(String email, String nonce) {
    var now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer(issuer())
        .subject("person-" + email)
        .audience(CLIENT)
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(Duration.ofMinutes(5))))
        .claim("nonce", nonce)
        .claim("email", email)
        .claim("email_verified", true);
  }

  static String signed(JWTClaimsSet claims, RSAKey key) {
    try {
      var token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(KEY.getKeyID()).build(), claims);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static String unsigned(JWTClaimsSet claims) {
    return new PlainJWT(claims).serialize();
  }

  static RSAKey key(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A code for which the token is given, once. */
  String codeFor(String idToken) {
    return codeFor(
        200,
        "application/json",
        MessageJson.mapper()
            .writeValueAsString(
                Map.of(
                    "access_token",
                    "access-" + UUID.randomUUID(),
                    "token_type",
                    "Bearer",
                    "expires_in",
                    300,
                    "id_token",
                    idToken)));
  }

  /** A code that is answered so, once. */
  String codeFor(int status, String type, String body) {
    var code = "code-" + UUID.randomUUID();
    said.put(code, new Said(status, type, body));
    return code;
  }

  /** What the user endpoint says from now on. */
  void user(Map<String, Object> claims) {
    user.clear();
    user.putAll(claims);
  }

  /** With what a code was asked for. */
  Browser.Query asked(String code) {
    return new Browser.Query(asked.getOrDefault(code, Map.of()));
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void metadata(HttpExchange exchange) throws IOException {
    answer(
        exchange,
        new Said(
            200,
            "application/json",
            MessageJson.mapper()
                .writeValueAsString(
                    Map.of(
                        "issuer", issuer(),
                        "authorization_endpoint", issuer() + "/authorize?tenant=a",
                        "token_endpoint", issuer() + "/token",
                        "jwks_uri", issuer() + "/keys",
                        "userinfo_endpoint", issuer() + "/user"))));
  }

  private void token(HttpExchange exchange) throws IOException {
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var form = new HashMap<>(Browser.query(URI.create("/?" + body)).all());
    form.put(
        "authorization", String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    var code = form.getOrDefault("code", "");
    asked.put(code, form);
    var known = said.remove(code);
    answer(
        exchange,
        known != null
            ? known
            : new Said(400, "application/json", "{\"error\": \"invalid_grant\"}"));
  }

  private void user(HttpExchange exchange) throws IOException {
    answer(
        exchange, new Said(200, "application/json", MessageJson.mapper().writeValueAsString(user)));
  }

  private static void answer(HttpExchange exchange, Said said) throws IOException {
    try (exchange) {
      var bytes = said.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", said.type());
      exchange.sendResponseHeaders(said.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
