package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.member.TestSessions;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every route is asked by every kind of caller, for an object of the caller's organization, for one
 * of another, and for one that is nowhere. What must come of it stands in {@link #TABLE} alone.
 *
 * <p>{@code docs/reference/permissions.md} is printed from it: {@code ./mvnw -pl supervisor -am
 * test -Dtest=PermissionMatrixTest -Ddocs.write=true -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class PermissionMatrixTest {

  private static final Path PAGE = Path.of("..", "docs", "reference", "permissions.md");

  /**
   * A row per route: the least role, or {@code anyone} or {@code agents}; the scope that opens it
   * to a narrowed token, if one does; and the body, where one is needed so that the object is
   * looked for at all. {@code <task>} in a body is such an object. A {@code session} is for people:
   * members ask in a session of their own, and objects are theirs. What is {@code off} has to be
   * set up first, and is not in the supervisor that is asked.
   */
  private static final String TABLE =
      """
      GET    /asyncapi.json                             | anyone
      GET    /openapi.json                              | anyone
      GET    /docs                                      | anyone
      GET    /                                          | anyone
      GET    /docs/start.js                             | anyone
      GET    /docs/swagger-ui-bundle.js                 | anyone
      GET    /docs/swagger-ui.css                       | anyone
      GET    /docs/{*page}                              | anyone
      GET    /llms.txt                                  | anyone
      GET    /sdk/simple/                               | anyone
      GET    /sdk/simple/{project}/                     | anyone | off
      GET    /sdk/simple/{project}/{file}               | anyone | off
      GET    /livez                                     | anyone
      GET    /readyz                                    | anyone
      GET    /metrics                                   | anyone | off
      GET    /install.sh                                | anyone | off
      GET    /install/agent                             | anyone | off
      GET    /install/agent/{*file}                     | anyone | off

      GET    /{customer}/task                           | viewer task:read
      GET    /task                                      | viewer task:read
      POST   /{customer}/task                           | admin task:write
      POST   /task                                      | admin task:write
      GET    /{customer}/task/{id}                      | viewer task:read
      GET    /task/{id}                                 | viewer task:read
      PUT    /{customer}/task/{id}                      | admin task:write
      PUT    /task/{id}                                 | admin task:write
      PATCH  /{customer}/task/{id}                      | admin task:write
      PATCH  /task/{id}                                 | admin task:write
      DELETE /{customer}/task/{id}                      | admin task:write
      DELETE /task/{id}                                 | admin task:write
      GET    /{customer}/task/version                   | admin task:read
      GET    /task/version                              | admin task:read
      GET    /{customer}/task/{id}/version              | viewer task:read
      GET    /task/{id}/version                         | viewer task:read
      GET    /{customer}/task/{id}/version/{number}     | viewer task:read
      GET    /task/{id}/version/{number}                | viewer task:read
      GET    /{customer}/task/{id}/version/{number}/diff | viewer task:read
      GET    /task/{id}/version/{number}/diff           | viewer task:read
      POST   /{customer}/task/{id}/version/{number}/restore | admin task:write
      POST   /task/{id}/version/{number}/restore        | admin task:write
      GET    /{customer}/task/{id}/acl                  | manager task:read
      GET    /task/{id}/acl                             | manager task:read
      PUT    /{customer}/task/{id}/acl                  | manager task:write | {"users": ["viewer", "user", "agent", "manager"]}
      PUT    /task/{id}/acl                             | manager task:write | {"users": ["viewer", "user", "agent", "manager"]}
      PATCH  /{customer}/task/{id}/acl                  | manager task:write | {"users": ["viewer"], "action": "add"}
      PATCH  /task/{id}/acl                             | manager task:write | {"users": ["viewer"], "action": "add"}
      DELETE /{customer}/task/{id}/acl                  | manager task:write
      DELETE /task/{id}/acl                             | manager task:write
      GET    /{customer}/task/{id}/credentials          | admin task:write
      GET    /task/{id}/credentials                     | admin task:write
      POST   /{customer}/task/{id}/secret               | admin task:write
      POST   /task/{id}/secret                          | admin task:write
      DELETE /{customer}/task/{id}/secret/{keyId}       | admin task:write
      DELETE /task/{id}/secret/{keyId}                  | admin task:write

      GET    /{customer}/task/{id}/recipe               | admin task:read
      GET    /task/{id}/recipe                          | admin task:read
      GET    /{customer}/task/{id}/serialize            | admin task:read
      GET    /task/{id}/serialize                       | admin task:read
      GET    /{customer}/task/import                    | admin task:write
      GET    /task/import                               | admin task:write
      POST   /{customer}/task/import                    | admin task:write
      POST   /task/import                               | admin task:write
      GET    /{customer}/event                          | viewer task:read
      GET    /event                                     | viewer task:read

      GET    /{customer}/schedule                      | viewer task:read
      GET    /schedule                                 | viewer task:read
      GET    /{customer}/schedule/plan                 | viewer task:read
      GET    /schedule/plan                            | viewer task:read
      GET    /{customer}/schedule/missed               | viewer task:read
      GET    /schedule/missed                          | viewer task:read
      GET    /{customer}/schedule/{id}                 | viewer task:read
      GET    /schedule/{id}                            | viewer task:read
      PUT    /{customer}/schedule/{id}                 | admin task:write | {"cron": "0 0 1 1 *"}
      PUT    /schedule/{id}                            | admin task:write | {"cron": "0 0 1 1 *"}
      DELETE /{customer}/schedule/{id}                 | admin task:write
      DELETE /schedule/{id}                            | admin task:write
      PUT    /{customer}/schedule/{id}/pause           | admin task:write | {}
      PUT    /schedule/{id}/pause                      | admin task:write | {}
      PUT    /{customer}/schedule/{id}/resume          | admin task:write
      PUT    /schedule/{id}/resume                     | admin task:write
      PUT    /{customer}/schedule/{id}/cursor          | admin task:write | {"to": "2999-01-01T00:00:00Z"}
      PUT    /schedule/{id}/cursor                     | admin task:write | {"to": "2999-01-01T00:00:00Z"}
      PUT    /{customer}/schedule/{id}/skip            | admin task:write | {"at": "2999-01-01T00:00:00Z"}
      PUT    /schedule/{id}/skip                       | admin task:write | {"at": "2999-01-01T00:00:00Z"}
      GET    /{customer}/schedule/{id}/next            | viewer task:read
      GET    /schedule/{id}/next                       | viewer task:read
      GET    /{customer}/task/{id}/schedule            | viewer task:read
      GET    /task/{id}/schedule                       | viewer task:read
      POST   /{customer}/task/{id}/schedule            | admin task:write | {"cron": "0 0 1 1 *"}
      POST   /task/{id}/schedule                       | admin task:write | {"cron": "0 0 1 1 *"}
      POST   /{customer}/task/{id}/schedule/preview    | viewer task:read | {"cron": "0 0 1 1 *"}
      POST   /task/{id}/schedule/preview               | viewer task:read | {"cron": "0 0 1 1 *"}
      GET    /{customer}/workflows/{id}/schedule       | viewer workflow:read
      GET    /workflows/{id}/schedule                  | viewer workflow:read
      POST   /{customer}/workflows/{id}/schedule       | admin workflow:write | {"cron": "0 0 1 1 *"}
      POST   /workflows/{id}/schedule                  | admin workflow:write | {"cron": "0 0 1 1 *"}
      POST   /{customer}/workflows/{id}/schedule/preview | viewer workflow:read | {"cron": "0 0 1 1 *"}
      POST   /workflows/{id}/schedule/preview          | viewer workflow:read | {"cron": "0 0 1 1 *"}
      DELETE /{customer}/scheduler/{id}                | admin task:write
      DELETE /scheduler/{id}                           | admin task:write
      PUT    /{customer}/scheduler/{id}/stop           | admin task:write
      PUT    /scheduler/{id}/stop                      | admin task:write
      PUT    /{customer}/scheduler/{id}/start          | admin task:write
      PUT    /scheduler/{id}/start                     | admin task:write
      POST   /{customer}/task/{id}/fleet                | user task:run
      POST   /task/{id}/fleet                           | user task:run
      GET    /{customer}/task/{id}/fleet                | viewer job:read
      GET    /task/{id}/fleet                           | viewer job:read
      GET    /{customer}/fleet                          | viewer job:read
      GET    /fleet                                     | viewer job:read
      GET    /{customer}/fleet/{id}                     | viewer job:read
      GET    /fleet/{id}                                | viewer job:read
      GET    /{customer}/fleet/{id}/host                | viewer job:read
      GET    /fleet/{id}/host                           | viewer job:read
      PUT    /{customer}/fleet/{id}/pause               | user job:write
      PUT    /fleet/{id}/pause                          | user job:write
      PUT    /{customer}/fleet/{id}/resume              | user job:write
      PUT    /fleet/{id}/resume                         | user job:write
      PUT    /{customer}/fleet/{id}/approve             | user job:write
      PUT    /fleet/{id}/approve                        | user job:write
      PUT    /{customer}/fleet/{id}/cancel              | user job:write
      PUT    /fleet/{id}/cancel                         | user job:write
      PUT    /{customer}/fleet/{id}/skip                | user job:write | {"host": "any"}
      PUT    /fleet/{id}/skip                           | user job:write | {"host": "any"}
      PUT    /{customer}/fleet/{id}/retry               | user task:run
      PUT    /fleet/{id}/retry                          | user task:run
      GET    /{customer}/fleet/{id}/schedule            | viewer task:read
      GET    /fleet/{id}/schedule                       | viewer task:read
      POST   /{customer}/fleet/{id}/schedule            | admin task:write | {"cron": "0 0 1 1 *"}
      POST   /fleet/{id}/schedule                       | admin task:write | {"cron": "0 0 1 1 *"}

      GET    /{customer}/indicator                      | viewer indicator:read
      GET    /indicator                                 | viewer indicator:read
      POST   /{customer}/indicator                      | admin indicator:write
      POST   /indicator                                 | admin indicator:write
      GET    /{customer}/indicator/{id}                 | viewer indicator:read
      GET    /indicator/{id}                            | viewer indicator:read
      PUT    /{customer}/indicator/{id}                 | admin indicator:write
      PUT    /indicator/{id}                            | admin indicator:write
      PATCH  /{customer}/indicator/{id}                 | admin indicator:write
      PATCH  /indicator/{id}                            | admin indicator:write
      DELETE /{customer}/indicator/{id}                 | admin indicator:write
      DELETE /indicator/{id}                            | admin indicator:write
      PATCH  /{customer}/indicator/{id}/state           | agent indicator:write | {"value": 1}
      PATCH  /indicator/{id}/state                      | agent indicator:write | {"value": 1}
      PATCH  /{customer}/indicator/{id}/increase        | agent indicator:write
      PATCH  /indicator/{id}/increase                   | agent indicator:write
      PATCH  /{customer}/indicator/{id}/decrease        | agent indicator:write
      PATCH  /indicator/{id}/decrease                   | agent indicator:write
      PATCH  /{customer}/indicator/{id}/restart         | agent indicator:write
      PATCH  /indicator/{id}/restart                    | agent indicator:write
      GET    /{customer}/indicator/title/{title}        | viewer indicator:read
      GET    /indicator/title/{title}                   | viewer indicator:read
      PUT    /{customer}/indicator/title/{title}        | admin indicator:write
      PUT    /indicator/title/{title}                   | admin indicator:write
      PATCH  /{customer}/indicator/title/{title}        | admin indicator:write
      PATCH  /indicator/title/{title}                   | admin indicator:write
      DELETE /{customer}/indicator/title/{title}        | admin indicator:write
      DELETE /indicator/title/{title}                   | admin indicator:write
      PATCH  /{customer}/indicator/title/{title}/increase | agent indicator:write
      PATCH  /indicator/title/{title}/increase          | agent indicator:write
      PATCH  /{customer}/indicator/title/{title}/decrease | agent indicator:write
      PATCH  /indicator/title/{title}/decrease          | agent indicator:write
      PATCH  /{customer}/indicator/title/{title}/restart | agent indicator:write
      PATCH  /indicator/title/{title}/restart           | agent indicator:write

      GET    /{customer}/webhook                        | viewer webhook:read
      POST   /{customer}/webhook                        | admin webhook:write
      GET    /{customer}/webhook/{id}                   | viewer webhook:read
      PUT    /{customer}/webhook/{id}                   | admin webhook:write
      DELETE /{customer}/webhook/{id}                   | admin webhook:write
      GET    /{customer}/webhook/{id}/credentials       | admin webhook:write
      POST   /{customer}/webhook/{id}/secret            | admin webhook:write
      DELETE /{customer}/webhook/{id}/secret/{keyId}    | admin webhook:write
      POST   /{customer}/webhook/{id}/trigger           | user task:run
      POST   /{customer}/webhook/{id}/trigger/secret/{key} | anyone
      POST   /{customer}/webhook/{id}/trigger/signed    | anyone
      GET    /{customer}/webhook/{id}/delivery          | admin webhook:read
      POST   /{customer}/webhook/{id}/delivery/{deliveryId}/replay | admin webhook:write

      GET    /{customer}/workflows                      | viewer workflow:read
      GET    /workflows                                 | viewer workflow:read
      GET    /{customer}/workflows/{id}                 | viewer workflow:read
      GET    /workflows/{id}                            | viewer workflow:read
      DELETE /{customer}/workflows/{id}                 | admin workflow:write
      DELETE /workflows/{id}                            | admin workflow:write
      GET    /{customer}/workflows/{id}/serialize       | admin workflow:read
      GET    /workflows/{id}/serialize                  | admin workflow:read
      POST   /{customer}/workflows/import               | admin workflow:write
      POST   /workflows/import                          | admin workflow:write
      POST   /{customer}/workflows                      | admin workflow:write
      POST   /workflows                                 | admin workflow:write
      PUT    /{customer}/workflows/{id}                 | admin workflow:write
      PUT    /workflows/{id}                            | admin workflow:write
      GET    /{customer}/workflows/{id}/graph           | viewer workflow:read
      GET    /workflows/{id}/graph                      | viewer workflow:read
      GET    /{customer}/workflows/{id}/acl             | manager workflow:read
      GET    /workflows/{id}/acl                        | manager workflow:read
      PUT    /{customer}/workflows/{id}/acl             | manager workflow:write | {"users": ["viewer", "user", "agent", "manager"]}
      PUT    /workflows/{id}/acl                        | manager workflow:write | {"users": ["viewer", "user", "agent", "manager"]}
      PATCH  /{customer}/workflows/{id}/acl             | manager workflow:write | {"users": ["viewer"], "action": "add"}
      PATCH  /workflows/{id}/acl                        | manager workflow:write | {"users": ["viewer"], "action": "add"}
      DELETE /{customer}/workflows/{id}/acl             | manager workflow:write
      DELETE /workflows/{id}/acl                        | manager workflow:write
      GET    /{customer}/workflows/{id}/credentials     | admin workflow:write
      GET    /workflows/{id}/credentials                | admin workflow:write
      POST   /{customer}/workflows/{id}/secret          | admin workflow:write
      POST   /workflows/{id}/secret                     | admin workflow:write
      DELETE /{customer}/workflows/{id}/secret/{keyId}  | admin workflow:write
      DELETE /workflows/{id}/secret/{keyId}             | admin workflow:write
      POST   /{customer}/workflows/{id}/job             | user task:run
      POST   /workflows/{id}/job                        | user task:run
      POST   /{customer}/workflows/{id}/secret/{key}/job | anyone
      POST   /workflows/{id}/secret/{key}/job           | anyone
      GET    /{customer}/workflows/{id}/job             | viewer job:read
      GET    /workflows/{id}/job                        | viewer job:read
      GET    /{customer}/workflows/{id}/jobs            | viewer job:read
      GET    /workflows/{id}/jobs                       | viewer job:read
      GET    /{customer}/workflows/{id}/job/{run}       | viewer job:read
      GET    /workflows/{id}/job/{run}                  | viewer job:read
      GET    /{customer}/workflows/{id}/job/{run}/jobs  | viewer job:read
      GET    /workflows/{id}/job/{run}/jobs             | viewer job:read
      GET    /{customer}/workflows/{id}/job/{run}/timeline | viewer job:read
      GET    /workflows/{id}/job/{run}/timeline         | viewer job:read
      GET    /{customer}/workflows/{id}/job/{run}/why   | viewer job:read
      GET    /workflows/{id}/job/{run}/why              | viewer job:read
      PUT    /{customer}/workflows/{id}/job/{run}/cancel | user job:write
      PUT    /workflows/{id}/job/{run}/cancel           | user job:write
      PUT    /{customer}/workflows/{id}/job/{run}/retry | user task:run
      PUT    /workflows/{id}/job/{run}/retry            | user task:run
      PUT    /{customer}/workflows/{id}/job/{run}/acl   | admin job:write | {"users": ["viewer", "user", "agent", "manager"]}
      PUT    /workflows/{id}/job/{run}/acl              | admin job:write | {"users": ["viewer", "user", "agent", "manager"]}
      GET    /{customer}/workflows/{id}/job/{run}/result | viewer job:read
      GET    /workflows/{id}/job/{run}/result           | viewer job:read
      GET    /workflows/{id}/secret/{key}/job/{run}/result | anyone

      GET    /library                                   | viewer task:read
      POST   /library                                   | admin task:write
      GET    /library/{id}                              | viewer task:read
      DELETE /library/{id}                              | admin task:write
      PUT    /library/{id}/promote                      | admin task:write | {"level": "O"}
      PUT    /library/{id}/version                      | admin task:write | {"version": "0.1"}
      DELETE /library/{id}/version/{number}             | admin task:write
      GET    /library/{id}/version/{number}/source      | user task:read
      POST   /library/{id}/run                          | user task:run | {"isDeploy": true, "arguments": {"x": 1}}
      POST   /resource                                  | user task:run
      GET    /resource/job/{id}                         | user task:run

      POST   /api/task/create                           | manager task:write
      GET    /api/get_data                              | anyone
      POST   /api/task/{id}/run                         | user task:run
      GET    /draft                                     | viewer task:read
      GET    /draft/rules                               | viewer task:read
      PUT    /draft/rules                               | owner
      GET    /draft/{id}                                | viewer task:read
      DELETE /draft/{id}                                | manager task:write
      GET    /draft/{id}/files                          | viewer task:read
      GET    /draft/{id}/zip                            | viewer task:read
      GET    /draft/{id}/diff                           | viewer task:read
      POST   /draft/{id}/improve                        | manager task:write
      POST   /draft/{id}/check                          | manager task:write
      POST   /draft/{id}/trial                          | manager task:write
      POST   /draft/{id}/approve                        | admin task:write
      POST   /draft/{id}/reject                         | manager task:write

      GET    /{customer}/client-token                   | admin
      POST   /{customer}/client-token                   | admin
      DELETE /{customer}/client-token/{id}              | admin
      POST   /api/{library}/tasks/{key}/start/{task}    | anyone
      GET    /api/{library}/tasks/{key}                 | anyone
      GET    /ws/{library}/tasks/{key}                  | anyone
      GET    /api/{library}/tasks/{key}/{id}            | anyone
      GET    /ws/{library}/tasks/{key}/{id}             | anyone
      GET    /api/{library}/tasks/{key}/result/{id}     | anyone
      POST   /api/{library}/task/start/{task}           | anyone | off
      GET    /api/{library}/task/result/{id}            | anyone | off
      GET    /api/{library}/task/status/{id}            | anyone | off
      GET    /api/{library}/task/ws/{id}                | anyone | off
      GET    /ws/{library}/task/ws/{id}                 | anyone | off

      POST   /{customer}/task/{id}/secret/{key}/job     | anyone
      POST   /task/{id}/secret/{key}/job                | anyone
      POST   /job/secret/{key}                          | anyone | {"customer": "<customer>", "task": "<task>"}
      POST   /{customer}/task/{id}/job                  | user task:run
      POST   /task/{id}/job                             | user task:run
      POST   /{customer}/job                            | user task:run | {"task": "<task>"}
      POST   /job                                       | user task:run | {"task": "<task>"}
      GET    /{customer}/job                            | viewer job:read
      GET    /{customer}/job/running                    | viewer job:read
      GET    /job/running                               | viewer job:read
      GET    /{customer}/job/running_count              | viewer job:read
      GET    /job/running_count                         | viewer job:read
      GET    /{customer}/job/statistics                 | viewer job:read
      GET    /job/statistics                            | viewer job:read
      GET    /{customer}/job/{id}                       | viewer job:read
      GET    /job/{id}                                  | viewer job:read
      GET    /{customer}/job/{id}/why                   | viewer job:read
      GET    /job/{id}/why                              | viewer job:read
      GET    /{customer}/job/{id}/lifecycle             | viewer job:read
      GET    /job/{id}/lifecycle                        | viewer job:read
      GET    /{customer}/job/{id}/input                 | viewer job:read
      GET    /job/{id}/input                            | viewer job:read
      GET    /{customer}/job/{id}/output                | viewer job:read
      GET    /job/{id}/output                           | viewer job:read
      GET    /{customer}/job/{id}/progress              | viewer job:read
      GET    /job/{id}/progress                         | viewer job:read
      GET    /{customer}/job/{id}/events                | viewer job:read
      GET    /job/{id}/events                           | viewer job:read
      GET    /{customer}/events                         | viewer job:read
      GET    /{customer}/job/{id}/result                | viewer job:read
      GET    /job/{id}/result                           | viewer job:read
      POST   /{customer}/job/{id}/result                | viewer job:read
      POST   /job/{id}/result                           | viewer job:read
      PUT    /{customer}/job/{id}/hold                  | user job:write
      PUT    /job/{id}/hold                             | user job:write
      PUT    /{customer}/job/{id}/release               | user job:write
      PUT    /job/{id}/release                          | user job:write
      PUT    /{customer}/job/{id}/cancel                | user job:write
      PUT    /job/{id}/cancel                           | user job:write
      PUT    /{customer}/job/{id}/input                 | user job:write
      PUT    /job/{id}/input                            | user job:write
      PUT    /{customer}/job/{id}/approve               | viewer job:write
      PUT    /job/{id}/approve                          | viewer job:write
      PUT    /{customer}/job/{id}/reject                | viewer job:write
      PUT    /job/{id}/reject                           | viewer job:write
      PUT    /{customer}/job/{id}/restart               | user task:run
      PUT    /job/{id}/restart                          | user task:run
      GET    /job/{id}/secret/{key}/result              | anyone
      POST   /job/{id}/secret/{key}/result              | anyone
      POST   /{customer}/task/{id}/batch                | user task:run
      DELETE /{customer}/task/{id}/job                  | admin job:write
      POST   /task/{id}/batch                           | user task:run
      DELETE /task/{id}/job                             | admin job:write

      GET    /{customer}/inbox                          | viewer job:read
      GET    /inbox                                     | viewer job:read
      PUT    /{customer}/inbox/read                     | viewer job:write
      PUT    /inbox/read                                | viewer job:write

      GET    /{customer}/job/{id}/callbacks             | viewer job:read
      GET    /job/{id}/callbacks                        | viewer job:read
      GET    /{customer}/callback                       | admin job:read
      GET    /{customer}/callback/{id}                  | admin job:read
      POST   /{customer}/callback/{id}/replay           | admin job:write
      POST   /{customer}/callback/replay                | admin job:write
      GET    /{customer}/callback/profile               | viewer job:read
      PUT    /{customer}/callback/profile               | user job:write
      GET    /{customer}/callback/settings              | admin
      PUT    /{customer}/callback/settings              | admin
      GET    /{customer}/callback/key                   | admin
      POST   /{customer}/callback/key                   | admin
      DELETE /{customer}/callback/key/{id}              | admin

      POST   /v1/task/{type}                            | user task:run
      POST   /v1/task/{type}/                           | user task:run
      GET    /v1/task/{id}                              | viewer job:read
      GET    /v1/tasks                                  | viewer job:read
      POST   /v1/task/{id}/cancel                       | user job:write
      POST   /v1/task/{id}/unique_id                    | user job:write
      DELETE /v1/task/{id}/unique_id                    | user job:write
      POST   /v1/task/{id}/setMetadata                  | user job:write
      POST   /v1/task/{id}/tags                         | user job:write
      PUT    /v1/task/{id}/tags                         | user job:write
      DELETE /v1/task/{id}/tags                         | user job:write
      POST   /v1/task/{id}/send-callback                | user job:write
      GET    /v1/task/{id}/send-callback                | user job:write

      GET    /{customer}/file                           | viewer file:read
      POST   /{customer}/file                           | admin file:write
      GET    /{customer}/file/{id}                      | viewer file:read
      PUT    /{customer}/file/{id}                      | admin file:write
      DELETE /{customer}/file/{id}                      | admin file:write
      PUT    /{customer}/file/{id}/upload               | admin file:write | {"content": "exit 1"}
      GET    /{customer}/file/{id}/download             | user file:read
      GET    /{customer}/file/{id}/linkedmodels         | viewer file:read
      GET    /{customer}/file/{id}/version              | viewer file:read
      GET    /{customer}/file/{id}/version/{number}/download | user file:read
      GET    /{customer}/script                         | viewer file:read
      GET    /{customer}/script/{id}                    | viewer file:read
      GET    /{customer}/script/{id}/download           | user file:read
      GET    /{customer}/script/{id}/linkedmodels       | viewer file:read

      POST   /login                                     | anyone
      POST   /api/auth/login                            | anyone
      POST   /api/auth/login/local                      | anyone
      GET    /login/oidc                                | anyone | off
      GET    /login/oidc/callback                       | anyone | off
      POST   /login/oidc                                | anyone
      POST   /logout                                    | viewer | session
      POST   /api/session/logout                        | viewer | session
      GET    /session                                   | viewer session:read
      GET    /api/session/profile                       | viewer session:read
      PUT    /session/password                          | viewer | session
      GET    /token                                     | viewer | session
      POST   /token                                     | viewer | session
      DELETE /token/{id}                                | viewer | session
      GET    /{customer}/member                         | manager member:read
      POST   /{customer}/member                         | manager
      GET    /{customer}/member/{id}                    | manager member:read
      PATCH  /{customer}/member/{id}                    | manager
      DELETE /{customer}/member/{id}                    | manager
      PUT    /{customer}/member/{id}/password           | owner | {"password": "twelve or more"}
      GET    /api/member                                | manager member:read
      POST   /api/member                                | manager
      GET    /api/member/{id}                           | manager member:read
      PATCH  /api/member/{id}                           | manager
      DELETE /api/member/{id}                           | manager
      GET    /{customer}/integration-token              | admin
      POST   /{customer}/integration-token              | admin
      DELETE /{customer}/integration-token/{id}         | admin
      GET    /api/token                                 | admin
      POST   /api/token                                 | admin
      DELETE /api/token/{id}                            | admin
      GET    /{customer}/audit                          | admin audit:read
      GET    /{customer}/audit/check                    | admin audit:read

      GET    /{customer}/host                           | viewer host:read
      GET    /{customer}/host/{id}                      | viewer host:read
      PATCH  /{customer}/host/{id}                      | admin host:write
      DELETE /{customer}/host/{id}                      | admin host:write
      PUT    /{customer}/host/{id}/enable               | admin host:write
      PUT    /{customer}/host/{id}/disable              | admin host:write
      PUT    /{customer}/host/{id}/drain                | admin host:write
      PUT    /host/{id}/enable                          | admin host:write
      PUT    /host/{id}/disable                         | admin host:write
      PUT    /host/{id}/drain                           | admin host:write
      GET    /{customer}/host/join-token                | admin host:read
      POST   /{customer}/host/join-token                | admin host:write
      DELETE /{customer}/host/join-token/{id}           | admin host:write

      GET    /{customer}/credential                     | manager credential:read
      POST   /{customer}/credential                     | admin credential:write
      GET    /{customer}/credential/{id}                | manager credential:read
      PUT    /{customer}/credential/{id}                | admin credential:write
      DELETE /{customer}/credential/{id}                | admin credential:write

      GET    /{customer}/pool                           | viewer pool:read
      POST   /{customer}/pool                           | admin pool:write
      GET    /{customer}/pool/{id}                      | viewer pool:read
      PUT    /{customer}/pool/{id}                      | admin pool:write | {"hosts": []}
      PATCH  /{customer}/pool/{id}                      | admin pool:write
      DELETE /{customer}/pool/{id}                      | admin pool:write

      POST   /agent/v1/enrolment                                | anyone
      POST   /agent/v1/session                                  | agents
      POST   /agent/v1/session/end                              | agents
      POST   /agent/v1/sync                                     | agents
      POST   /agent/v1/claims                                   | agents
      POST   /agent/v1/heartbeat                                | agents
      GET    /agent/v1/link                                     | agents
      GET    /agent/v1/jobs/{job}/attempts/{attempt}/script     | agents
      POST   /agent/v1/jobs/{job}/attempts/{attempt}/started    | agents
      POST   /agent/v1/jobs/{job}/attempts/{attempt}/output     | agents
      POST   /agent/v1/jobs/{job}/attempts/{attempt}/progress   | agents
      POST   /agent/v1/jobs/{job}/attempts/{attempt}/end        | agents
      POST   /agent/v1/jobs/{job}/attempts/{attempt}/given-back | agents
      """;

  private static final Set<String> LONG_ROUTES =
      Row.all().stream()
          .filter(Row::namesOrganization)
          .map(Row::route)
          .collect(Collectors.toUnmodifiableSet());

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Tenant own = new Tenant(supervisor);
  private final Tenant other = new Tenant(supervisor);
  private final Map<List<String>, String> narrowed = new HashMap<>();

  /** What came of a request, as far as this is about permissions. */
  private enum Fate {
    PASSED,
    UNKNOWN_CALLER,
    FORBIDDEN,
    NOT_FOUND,
    FAULT;

    static Fate of(Answer answer) {
      return switch (answer.status()) {
        case 401 -> UNKNOWN_CALLER;
        case 403 -> FORBIDDEN;
        case 404 -> NOT_FOUND;
        default -> answer.status() >= 500 ? FAULT : PASSED;
      };
    }

    String shown() {
      return switch (this) {
        case PASSED -> "yes";
        case UNKNOWN_CALLER -> "401";
        case FORBIDDEN -> "403";
        case NOT_FOUND -> "404";
        case FAULT -> "fault";
      };
    }
  }

  /** Whose object is asked for. */
  private enum Whose {
    OWN,
    FOREIGN,
    ABSENT
  }

  /** The kinds of callers: members by their roles, and those who are none. */
  private enum Kind {
    ANONYMOUS,
    SECRET_KEY,
    AGENT,
    MEMBER
  }

  /**
   * Who asks.
   *
   * @param role of a member
   * @param stranger whether they are of another organization than the one that is asked
   */
  private record Asker(Kind kind, @Nullable Role role, boolean stranger) {
    static List<Asker> all() {
      var all = new ArrayList<Asker>();
      all.add(new Asker(Kind.ANONYMOUS, null, false));
      for (var stranger : List.of(false, true)) {
        all.add(new Asker(Kind.SECRET_KEY, null, stranger));
        all.add(new Asker(Kind.AGENT, null, stranger));
        for (var role : Role.values()) {
          all.add(new Asker(Kind.MEMBER, role, stranger));
        }
      }
      return all;
    }

    boolean covers(Role least) {
      return role != null && role.covers(least);
    }

    String shown() {
      return role == null
          ? kind.name().toLowerCase(Locale.ROOT).replace('_', ' ')
          : role.name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A row of the table.
   *
   * @param least the least role of members; null where it is not for members alone
   * @param scope what a narrowed token must have; null: none of these may use it
   * @param agents whether it is for agents
   * @param session whether members ask in a session
   * @param off whether it is not set up where this asks, and so not there for anybody
   */
  private record Row(
      String method,
      String path,
      @Nullable Role least,
      @Nullable String scope,
      boolean agents,
      boolean session,
      boolean off,
      @Nullable String body) {
    static List<Row> all() {
      return TABLE
          .lines()
          .filter(line -> !line.isBlank())
          .map(
              line -> {
                var cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
                var route = cells.getFirst().split(" +", -1);
                var allowed = cells.get(1).split(" +", -1);
                var who = allowed[0];
                return new Row(
                    route[0],
                    route[1],
                    who.equals("anyone") || who.equals("agents")
                        ? null
                        : Role.valueOf(who.toUpperCase(Locale.ROOT)),
                    allowed.length > 1 ? allowed[1] : null,
                    who.equals("agents"),
                    cells.contains("session"),
                    cells.contains("off"),
                    cells.size() > 2 && cells.get(2).startsWith("{") ? cells.get(2) : null);
              })
          .toList();
    }

    String route() {
      return method + " " + path;
    }

    boolean namesOrganization() {
      return path.startsWith("/{customer}/");
    }

    /**
     * Everybody; a route that is there without its organization in the path too is the same method,
     * so there it is asked by those at the edge of what is allowed.
     */
    List<Asker> askers() {
      var all = Asker.all().stream().filter(this::isTelling).toList();
      if (namesOrganization() || least == null || !LONG_ROUTES.contains(longRoute())) {
        return all;
      }
      var roles = List.of(Role.values());
      var place = roles.indexOf(least);
      var near = roles.subList(Math.max(0, place - 1), Math.min(roles.size(), place + 2));
      return all.stream()
          .filter(
              asker ->
                  asker.kind() == Kind.ANONYMOUS
                      || asker.role() == least
                      || (!asker.stranger() && asker.role() != null && near.contains(asker.role())))
          .toList();
    }

    /** In an organization that is not theirs the least role and the greatest stand for all. */
    private boolean isTelling(Asker asker) {
      return !asker.stranger()
          || least == null
          || !namesOrganization()
          || asker.role() == null
          || asker.role() == least
          || asker.role() == Role.OWNER;
    }

    /**
     * Who is refused whatever the object is must not learn whether a foreign one is there. Of those
     * who are let in, the least role and the greatest stand for all where the object is not theirs.
     */
    List<Whose> asked(Asker asker) {
      var isBetween =
          !asker.stranger()
              && asker.role() != Role.OWNER
              && least != null
              && asker.role() != least
              && asker.covers(least);
      if (!hasObject() || isBetween) {
        return List.of(Whose.OWN);
      }
      return switch (expected(asker, Whose.FOREIGN)) {
        case UNKNOWN_CALLER, FORBIDDEN -> List.of(Whose.FOREIGN);
        default -> List.of(Whose.values());
      };
    }

    private String longRoute() {
      return method + " /{customer}" + path;
    }

    /** Whether it is about one object, which may be there or not. */
    boolean hasObject() {
      if (route().matches("PUT .*/indicator/title/[^/]+")) {
        // It makes what is not there.
        return false;
      }
      if (path.startsWith("/docs/")) {
        return false;
      }
      return (path.replace("{customer}", "").contains("{") && !path.startsWith("/agent/"))
          || (body != null && body.contains("<task>"));
    }

    Fate expected(Asker asker, Whose whose) {
      return off ? Fate.NOT_FOUND : told(asker, whose);
    }

    /** What becomes of it where it is set up. */
    Fate told(Asker asker, Whose whose) {
      var looked = hasObject() && whose != Whose.OWN ? Fate.NOT_FOUND : Fate.PASSED;
      if (agents) {
        return switch (asker.kind()) {
          case ANONYMOUS, SECRET_KEY -> Fate.UNKNOWN_CALLER;
          case MEMBER -> Fate.FORBIDDEN;
          case AGENT -> Fate.PASSED;
        };
      }
      if (least == null) {
        return looked;
      }
      return switch (asker.kind()) {
        case ANONYMOUS, SECRET_KEY -> Fate.UNKNOWN_CALLER;
        case AGENT -> Fate.FORBIDDEN;
        case MEMBER -> {
          if (asker.stranger() && namesOrganization()) {
            yield Fate.NOT_FOUND;
          }
          if (!asker.covers(least)) {
            yield Fate.FORBIDDEN;
          }
          if (!asker.stranger() || !hasObject() || session) {
            yield looked;
          }
          // The organization is the caller's own then, and what is foreign is theirs.
          yield whose == Whose.FOREIGN ? Fate.PASSED : Fate.NOT_FOUND;
        }
      };
    }
  }

  @Test
  void every_route_has_a_row_and_every_row_a_route() {
    assertThat(Row.all())
        .describedAs("give the route a row in TABLE: who may use it, and a body if it needs one")
        .extracting(Row::route)
        .containsExactlyInAnyOrderElementsOf(
            Route.all(supervisor.context()).stream().map(Route::toString).toList());
  }

  @Test
  void everybody_gets_what_the_table_says() {
    var wrong = new ArrayList<String>();
    for (var row : Row.all()) {
      for (var asker : row.askers()) {
        var bodies = new LinkedHashMap<Whose, String>();
        for (var whose : row.asked(asker)) {
          var answer = ask(row, asker, whose);
          if (Fate.of(answer) != row.expected(asker, whose)) {
            wrong.add(
                "%s by %s%s, object %s: expected %s, got %d %s"
                    .formatted(
                        row.route(),
                        asker.stranger() ? "another organization's " : "",
                        asker.shown(),
                        whose,
                        row.expected(asker, whose).shown(),
                        answer.status(),
                        answer.raw().body()));
          }
          bodies.put(whose, answer.raw().body());
        }
        if (bodies.containsKey(Whose.ABSENT)
            && row.expected(asker, Whose.FOREIGN) == Fate.NOT_FOUND
            && !Objects.equals(bodies.get(Whose.FOREIGN), bodies.get(Whose.ABSENT))) {
          wrong.add(row.route() + " tells a foreign object from an absent one: " + bodies);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** An owner's tokens: one of the row's scope alone, and one of all the others. */
  @Test
  void a_narrowed_token_opens_what_its_scopes_say_and_nothing_else() {
    var all = Arrays.stream(Scope.values()).map(Scope::word).toList();
    var wrong = new ArrayList<String>();
    for (var row : Row.all()) {
      if (row.least() == null) {
        continue;
      }
      if (row.scope() != null
          && Fate.of(ask(row, narrowed(List.of(row.scope())), Whose.OWN)) != Fate.PASSED) {
        wrong.add(row.route() + " is closed to a token of " + row.scope());
      }
      var others = all.stream().filter(scope -> !scope.equals(row.scope())).toList();
      if (Fate.of(ask(row, narrowed(others), Whose.OWN)) != Fate.FORBIDDEN) {
        wrong.add(row.route() + " is open to a token without " + row.scope());
      }
    }
    assertThat(wrong).isEmpty();
  }

  private String narrowed(List<String> scopes) {
    return narrowed.computeIfAbsent(
        scopes,
        _ ->
            supervisor
                .postAs(
                    own.token(Role.OWNER),
                    "/" + own.name() + "/integration-token",
                    Map.of("name", "narrowed", "role", "owner", "scopes", scopes))
                .text("/token"));
  }

  /** A person asks for what is their own, or another person's. */
  private Answer inSession(Row row, Tenant home, Role role, Whose whose) {
    var session = TestSessions.begin(supervisor, home.name(), role);
    var path =
        row.path()
            .replace(
                "{id}",
                !row.hasObject()
                    ? ""
                    : switch (whose) {
                      case OWN -> personalToken(session);
                      case FOREIGN ->
                          personalToken(TestSessions.begin(supervisor, home.name(), role));
                      case ABSENT -> "0123456789abcdef";
                    });
    var request =
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + session)
            .header("Content-Type", "application/json");
    return supervisor.send(
        row.method().equals("GET")
            ? request.GET()
            : request.method(row.method(), BodyPublishers.ofString("{}")));
  }

  private String personalToken(String session) {
    return supervisor.postAs(session, "/token", Map.of("name", "test")).text("/id");
  }

  private Answer ask(Row row, Asker asker, Whose whose) {
    if (row.session() && asker.role() != null) {
      return inSession(row, asker.stranger() ? other : own, asker.role(), whose);
    }
    var home = asker.stranger() ? other : own;
    return ask(
        row,
        switch (asker.kind()) {
          case ANONYMOUS -> "";
          case SECRET_KEY -> home.object("secret");
          case AGENT -> home.agent();
          case MEMBER -> home.token(Objects.requireNonNull(asker.role()));
        },
        whose);
  }

  private Answer ask(Row row, String bearer, Whose whose) {
    var path =
        switch (whose) {
          case OWN -> own.path(row.path());
          case FOREIGN -> own.foreign(row.path(), other);
          case ABSENT -> own.absent(row.path());
        };
    var body =
        row.body() == null
            ? "{}"
            : row.body()
                .replace("<customer>", own.name())
                .replace(
                    "<task>",
                    switch (whose) {
                      case OWN -> own.object("task");
                      case FOREIGN -> other.object("task");
                      case ABSENT -> "0123456789abcdef01234567";
                    });
    var request = supervisor.request(path).header("Content-Type", "application/json");
    if (!bearer.isEmpty()) {
      request.header("Authorization", "Bearer " + bearer);
    }
    var answer =
        supervisor.send(
            row.method().equals("GET")
                ? request.GET()
                : request.method(row.method(), BodyPublishers.ofString(body)));
    // It is gone, or the key that opened it is.
    if (answer.status() < 300
        && (row.method().equals("DELETE") || row.route().endsWith("}/secret"))) {
      (whose == Whose.FOREIGN ? other : own).forgetAll();
    }
    return answer;
  }

  @Test
  void the_page_is_what_the_table_says() throws IOException {
    if (Boolean.getBoolean("docs.write")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page());
    }
    assertThat(PAGE).hasContent(page());
  }

  private static String page() {
    var own = Asker.all().stream().filter(asker -> !asker.stranger()).toList();
    var page =
        new StringBuilder(
            """
            # Permissions

            *Generated from the table in `PermissionMatrixTest`, which calls every route as each of these callers, and as each of \
            another organization's; do not edit.*

            - *yes*: allowed
            - *401*: not authenticated
            - *403*: authenticated, but not allowed
            - *404*: an object of another organization, or one hidden by an ACL; the response is the same as for an object \
            that does not exist. The routes of `/login/oidc` and `/metrics` are 404 for everybody until they \
            are configured.
            - *of another*: an owner of another organization who requests an object that is not theirs
            - *scope*: the scope that a token with scopes needs. If the column is empty, such a token gets 403, unless the \
            route is open to anyone or to agents.

            """);
    page.append("| route | scope | ")
        .append(own.stream().map(Asker::shown).collect(Collectors.joining(" | ")))
        .append(" | of another |\n|---|---|")
        .append("---|".repeat(own.size() + 1))
        .append('\n');
    for (var row : Row.all()) {
      page.append("| `").append(row.route()).append("` | ");
      page.append(row.scope() == null ? "" : "`" + row.scope() + "` ").append("|");
      own.forEach(
          asker -> page.append(' ').append(row.told(asker, Whose.OWN).shown()).append(" |"));
      page.append(' ')
          .append(row.told(new Asker(Kind.MEMBER, Role.OWNER, true), Whose.OWN).shown())
          .append(" |\n");
    }
    return page.toString();
  }

  @Test
  void what_an_acl_hides_looks_like_what_is_not_there() {
    var hidden = own.object("hidden");
    var answers = new LinkedHashMap<String, Map<Role, Fate>>();
    for (var row : Row.all()) {
      if (row.least() == null || !row.namesOrganization() || !row.path().contains("/task/{id}")) {
        continue;
      }
      for (var role : Role.values()) {
        if (!role.covers(row.least()) || role.covers(Role.ADMIN)) {
          continue;
        }
        var path = own.absent(row.path().replace("/task/{id}", "/task/" + hidden));
        var request =
            supervisor
                .request(path)
                .header("Authorization", "Bearer " + own.token(role))
                .header("Content-Type", "application/json");
        var answer =
            supervisor.send(
                row.method().equals("GET")
                    ? request.GET()
                    : request.method(
                        row.method(),
                        BodyPublishers.ofString(row.body() == null ? "{}" : row.body())));
        answers.computeIfAbsent(row.route(), _ -> new LinkedHashMap<>()).put(role, Fate.of(answer));
      }
    }
    assertThat(answers).isNotEmpty();
    assertThat(answers.values())
        .describedAs("%s", answers)
        .allSatisfy(fates -> assertThat(fates.values()).containsOnly(Fate.NOT_FOUND));
  }
}
