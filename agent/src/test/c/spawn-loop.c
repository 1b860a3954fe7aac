/*
 * What the operating system allows: runs a script over and over by posix_spawn, its output into a
 * file, and prints how many runs there were in how many nanoseconds. bench/host-runs holds the
 * agent against it.
 *
 *   spawn-loop SCRIPT FOLDER NANOSECONDS AT_ONCE
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_AT_ONCE = 64 };

static char *script;
static char *folder;
static int64_t until;

struct worker {
  pthread_t thread;
  int number;
  int64_t runs;
};

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void must(int ok, const char *what) {
  if (!ok) {
    fprintf(stderr, "spawn-loop: %s failed\n", what);
    exit(1);
  }
}

static void *work(void *argument) {
  struct worker *worker = argument;
  char output[4096];
  snprintf(output, sizeof output, "%s/c-%d", folder, worker->number);
  char *argv[] = {script, NULL};
  char *environment[] = {"PATH=/usr/bin:/bin", NULL};
  while (now() < until) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int status;
    must(posix_spawn(&pid, script, &actions, NULL, argv, environment) == 0, "posix_spawn");
    must(waitpid(pid, &status, 0) == pid && status == 0, "the script");
    posix_spawn_file_actions_destroy(&actions);
    worker->runs++;
  }
  return NULL;
}

int main(int count, char **words) {
  static struct worker workers[MOST_AT_ONCE];
  int at_once = count == 5 ? atoi(words[4]) : 0;
  if (at_once < 1 || at_once > MOST_AT_ONCE) {
    fputs("Usage: spawn-loop SCRIPT FOLDER NANOSECONDS AT_ONCE\n", stderr);
    return 2;
  }
  script = words[1];
  folder = words[2];
  int64_t begun = now();
  until = begun + atoll(words[3]);
  int64_t runs = 0;
  for (int i = 0; i < at_once; i++) {
    workers[i].number = i;
    must(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0, "a thread");
  }
  for (int i = 0; i < at_once; i++) {
    pthread_join(workers[i].thread, NULL);
    runs += workers[i].runs;
  }
  printf("%lld %lld\n", (long long)runs, (long long)(now() - begun));
  return 0;
}
