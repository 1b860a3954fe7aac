/*
 * The keeper of one run: starts a script, enforces its time limit, stores its output and records
 * its end. It does not depend on the agent that started it: the agent may be killed, upgraded and
 * restarted meanwhile, and finds the run through the files in its folder.
 *
 *   capataz-keeper FOLDER        or forked by a zygote, see there
 *
 * Standard input is the order, a sequence of NUL-terminated `key=value` strings, see read_order().
 * It is never stored on disk, since it may contain secrets. Standard output gets one line, which
 * says whether the script has started. To stop the run, STOP_SIGNAL is sent with a value.
 *
 * Most runs need one file, FOLDER/record, which is only appended to:
 *
 *   PID TICKS BOOT_ID      the keeper; the file appears with this line complete. Its name decides who
 *                          was first: a keeper that finds it does not start the script, and an agent
 *                          that creates it first knows that the script will never start.
 *   PID TICKS              the script, once it has started; start times are in clock ticks
 *   > TIME LENGTH          that many bytes of output and a line feed follow. The time is in
 *                          nanoseconds since the start, doubled, plus 1 for standard error.
 *   files                  further output is in files: see make_files()
 *   ...                    how the run ended: see record_end()
 *   end CHECKSUM           CRC-32 of everything between the first line and this one. A record is
 *                          complete with this line, and valid if the checksum is right: if the host
 *                          fails while it is written, any part of it may be missing.
 *
 * As a subreaper the keeper becomes the parent of every orphan of the script, whatever its
 * session. So wait() proves that no process of the run is left.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  MILLISECOND = 1000 * 1000,
  /* Processes that end right after the script, such as tee, do not count as left behind. */
  SETTLING = 200 * MILLISECOND,
  LEFT_BEHIND_GRACE = 1000 * MILLISECOND,
  /* How long output is read from processes outside of the run that hold the pipes open. */
  LAST_WORDS = 500 * MILLISECOND,
  /* Output within this time span becomes one index entry. */
  INDEX_GRAIN = 20 * MILLISECOND,
  GULP = 256 * 1024,
  /*
   * Output beyond the stored size is not followed by anybody, so it may gather in the pipe for a
   * moment: waking up for each write of a flood costs the host more than the flood itself. It is
   * read at this rate at most, 64 MiB a second. The script then blocks on a full pipe, so that
   * output that is dropped anyway does not take CPU from other runs of the host.
   */
  FLOOD_PAUSE = MILLISECOND,
  FLOOD_BYTES_A_MILLISECOND = 64 * 1024 * 1024 / 1000,
  /* Output up to this size is part of the record: a file costs more than its content. */
  INLINE_BYTES = 16 * 1024,
  /* Space for the end of the record. */
  END_BYTES = 16 * 1024,
  /*
   * Carries a request to stop: the grace time in nanoseconds, doubled, plus 1 if the reason is that
   * the agent shuts down. A real-time signal, since those are queued. Needs no disk space.
   */
  STOP_SIGNAL = 40,
  COMMAND_CHARACTERS = 200,
  BUSY_TRIES = 50,
  MOST_LOOKS = 50,
  MOST_PATHS = 16,
  MOST_SIGNALS = 16,
};

/* How long SIGKILL is repeated, for processes that keep forking. */
static const int64_t KILLING = 2000LL * MILLISECOND;

/* ---- the order ---- */

struct order {
  int64_t timeout;      /* nanoseconds from the start until the first signal */
  int64_t grace;        /* nanoseconds from the first signal to SIGKILL */
  int signal;           /* the first signal */
  bool main_first;      /* whether the first signal is sent to the script's own process only */
  uint64_t head;        /* bytes stored from the beginning of each stream */
  uint64_t tail;        /* bytes stored from the end of each stream */
  const char *directory; /* working directory of the script */
  const char *program;  /* its path */
  char **arguments;     /* argv, including the program's name */
  char **environment;   /* NAME=value */
  bool drop;            /* whether to switch to another user */
  uid_t user;
  gid_t group;
  gid_t *groups;
  int group_count;
  rlim_t open_files;     /* limits of each process; RLIM_INFINITY for those of the agent */
  rlim_t file_bytes;
  rlim_t user_processes; /* of all processes of the user, which is the run's own */
  const char *join[MOST_PATHS]; /* cgroup.procs files to write to before the script starts */
  int join_count;
  const char *kill_folder; /* folder of a v2 control group that contains only this run */
  const char *containment; /* name of the containment method, for the record */
};

static struct order order = {
    .timeout = INT64_MAX,
    .signal = SIGTERM,
    .head = 8 << 20,
    .tail = 8 << 20,
    .containment = "subreaper",
    .open_files = RLIM_INFINITY,
    .file_bytes = RLIM_INFINITY,
    .user_processes = RLIM_INFINITY,
};

static char folder_path[4096];
static int run_folder = -1; /* FOLDER */

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 * MILLISECOND + t.tv_nsec;
}

static void *must_have(void *memory) {
  if (memory == NULL) {
    _exit(111);
  }
  return memory;
}

/* Reads everything up to the end, and appends a NUL. */
static char *read_to_end(int file, size_t *length) {
  size_t room = 4096, used = 0;
  char *text = must_have(malloc(room));
  for (;;) {
    ssize_t n = read(file, text + used, room - used - 1);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      break;
    }
    used += (size_t)n;
    if (room - used < 2) {
      room *= 2;
      text = must_have(realloc(text, room));
    }
  }
  text[used] = '\0';
  if (length != NULL) {
    *length = used;
  }
  return text;
}

/* Reads a small file completely; NULL with errno on failure. */
static char *read_all(const char *path, size_t *length) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return NULL;
  }
  char *text = read_to_end(file, length);
  close(file);
  return text;
}

static bool write_all(int file, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t n = write(file, at, length);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    at += n;
    length -= (size_t)n;
  }
  return true;
}

static char **append(char **list, size_t *count, char *text) {
  list = must_have(realloc(list, (*count + 2) * sizeof *list));
  list[(*count)++] = text;
  list[*count] = NULL;
  return list;
}

static void read_groups(const char *text) {
  while (*text != '\0') {
    char *end;
    unsigned long group = strtoul(text, &end, 10);
    if (end == text) {
      return;
    }
    order.groups =
        must_have(realloc(order.groups, (size_t)(order.group_count + 1) * sizeof *order.groups));
    order.groups[order.group_count++] = (gid_t)group;
    text = *end == ',' ? end + 1 : end;
  }
}

/* False if the order names no program. Unknown keys are ignored. */
static bool read_order(void) {
  size_t length;
  char *text = read_to_end(STDIN_FILENO, &length);
  /* The script must not read the order. */
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) {
    return false;
  }
  close(nothing);
  size_t arguments = 0, variables = 0;
  order.arguments = append(NULL, &arguments, NULL);
  order.environment = append(NULL, &variables, NULL);
  arguments = variables = 0;
  for (char *at = text; at < text + length; at += strlen(at) + 1) {
    char *value = strchr(at, '=');
    if (value == NULL) {
      continue;
    }
    size_t key = (size_t)(value++ - at);
#define KEY_IS(word) (key == sizeof(word) - 1 && memcmp(at, word, key) == 0)
    if (KEY_IS("timeout")) {
      order.timeout = strtoll(value, NULL, 10);
    } else if (KEY_IS("grace")) {
      order.grace = strtoll(value, NULL, 10);
    } else if (KEY_IS("signal")) {
      order.signal = atoi(value);
    } else if (KEY_IS("main_first")) {
      order.main_first = value[0] == '1';
    } else if (KEY_IS("head")) {
      order.head = strtoull(value, NULL, 10);
    } else if (KEY_IS("tail")) {
      order.tail = strtoull(value, NULL, 10);
    } else if (KEY_IS("directory")) {
      order.directory = value;
    } else if (KEY_IS("program")) {
      order.program = value;
    } else if (KEY_IS("argument")) {
      order.arguments = append(order.arguments, &arguments, value);
    } else if (KEY_IS("variable")) {
      order.environment = append(order.environment, &variables, value);
    } else if (KEY_IS("user")) {
      order.drop = true;
      order.user = (uid_t)strtoul(value, NULL, 10);
    } else if (KEY_IS("group")) {
      order.group = (gid_t)strtoul(value, NULL, 10);
    } else if (KEY_IS("groups")) {
      read_groups(value);
    } else if (KEY_IS("open_files")) {
      order.open_files = strtoull(value, NULL, 10);
    } else if (KEY_IS("file_bytes")) {
      order.file_bytes = strtoull(value, NULL, 10);
    } else if (KEY_IS("user_processes")) {
      order.user_processes = strtoull(value, NULL, 10);
    } else if (KEY_IS("join") && order.join_count < MOST_PATHS) {
      order.join[order.join_count++] = value;
    } else if (KEY_IS("kill_folder")) {
      order.kill_folder = value;
    } else if (KEY_IS("containment")) {
      order.containment = value;
    }
#undef KEY_IS
  }
  return order.program != NULL && order.directory != NULL && arguments > 0;
}

/* ---- processes ---- */

struct process {
  pid_t pid;
  pid_t parent;
  char state;
  bool ours;
};

static struct process *table;
static size_t table_room, table_size;

/* State, parent and start time of a process; false if it is gone. */
static bool look_at(pid_t pid, char *state, pid_t *parent, unsigned long long *ticks) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  ssize_t n = read(file, text, sizeof text - 1);
  close(file);
  if (n <= 0) {
    return false;
  }
  text[n] = '\0';
  /* The name, in parentheses, may contain parentheses itself. */
  char *after = strrchr(text, ')');
  int parent_found;
  if (after == NULL
      || sscanf(after + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d"
                           " %*d %llu",
                state, &parent_found, ticks)
             != 3) {
    return false;
  }
  *parent = (pid_t)parent_found;
  return true;
}

/* Marks all live descendants of the keeper, and counts them. */
static size_t find_descendants(void) {
  table_size = 0;
  DIR *proc = opendir("/proc");
  if (proc == NULL) {
    return 0;
  }
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    if (!isdigit((unsigned char)entry->d_name[0])) {
      continue;
    }
    struct process found = {.pid = (pid_t)atoi(entry->d_name)};
    unsigned long long ticks;
    if (!look_at(found.pid, &found.state, &found.parent, &ticks)) {
      continue;
    }
    if (table_size == table_room) {
      table_room = table_room == 0 ? 512 : 2 * table_room;
      table = must_have(realloc(table, table_room * sizeof *table));
    }
    table[table_size++] = found;
  }
  closedir(proc);
  /* Moves descendants to the front, each followed by its children, until all were examined. */
  size_t ours = 0;
  pid_t parent = getpid();
  for (size_t looked = 0;; looked++) {
    for (size_t i = ours; i < table_size; i++) {
      if (table[i].parent == parent) {
        struct process found = table[i];
        found.ours = true;
        table[i] = table[ours];
        table[ours++] = found;
      }
    }
    if (looked == ours) {
      break;
    }
    parent = table[looked].pid;
  }
  size_t living = 0;
  for (size_t i = 0; i < table_size; i++) {
    if (table[i].ours && (table[i].state == 'Z' || table[i].state == 'X')) {
      table[i].ours = false;
    }
    living += table[i].ours;
  }
  return living;
}

/* ---- the record ---- */

static int record = -1;
static uint64_t recorded; /* its size */
static uint32_t checksum; /* of all after the first line */

static void add_to_checksum(const void *bytes, size_t length) {
  static uint32_t remainders[256];
  if (remainders[1] == 0) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t remainder = i;
      for (int bit = 0; bit < 8; bit++) {
        remainder = remainder & 1 ? remainder >> 1 ^ 0xedb88320u : remainder >> 1;
      }
      remainders[i] = remainder;
    }
  }
  uint32_t sum = ~checksum;
  for (const unsigned char *at = bytes, *end = at + length; at < end; at++) {
    sum = sum >> 8 ^ remainders[(sum ^ *at) & 0xff];
  }
  checksum = ~sum;
}

/* Appends to the record, all or nothing. */
static bool add(const struct iovec *parts, int count) {
  ssize_t length = 0;
  for (int i = 0; i < count; i++) {
    length += (ssize_t)parts[i].iov_len;
  }
  ssize_t n;
  do {
    n = pwritev(record, parts, count, (off_t)recorded);
  } while (n < 0 && errno == EINTR);
  if (n != length) {
    int error = n < 0 ? errno : ENOSPC;
    if (n > 0 && ftruncate(record, (off_t)recorded) != 0) {
      error = errno; /* What is there is overwritten, or makes the checksum wrong. */
    }
    errno = error;
    return false;
  }
  for (int i = 0; i < count; i++) {
    add_to_checksum(parts[i].iov_base, parts[i].iov_len);
  }
  recorded += (uint64_t)length;
  return true;
}

static bool add_text(const char *text) {
  struct iovec all = {.iov_base = (char *)text, .iov_len = strlen(text)};
  return add(&all, 1);
}

/* Reserves the space for the record, so that a full disk cannot prevent it. */
static bool reserve(int file) {
  if (fallocate(file, FALLOC_FL_KEEP_SIZE, 0, INLINE_BYTES + END_BYTES) != 0
      && errno != EOPNOTSUPP && errno != ENOSYS) {
    return false;
  }
  return true;
}

/*
 * Creates the record with its first line, under its name at once; false with errno EEXIST if
 * another was first.
 */
static bool begin(const char *boot) {
  char state, line[256], place[64];
  pid_t parent;
  unsigned long long ticks = 0;
  look_at(getpid(), &state, &parent, &ticks);
  int length =
      snprintf(line, sizeof line, "%d %llu %.100s\n", (int)getpid(), ticks, boot);
  bool has_name = false;
  record = openat(run_folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (record >= 0) {
    snprintf(place, sizeof place, "/proc/self/fd/%d", record);
  } else {
    /* Not every file system has files without a name. */
    snprintf(place, sizeof place, "record.%d", (int)getpid());
    record = openat(run_folder, place, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    has_name = record >= 0;
  }
  bool first = record >= 0 && reserve(record) && write_all(record, line, (size_t)length)
      && linkat(has_name ? run_folder : AT_FDCWD, place, run_folder, "record", AT_SYMLINK_FOLLOW)
          == 0;
  int error = errno;
  if (has_name) {
    unlinkat(run_folder, place, 0);
  }
  recorded = (uint64_t)length;
  errno = error;
  return first;
}

/* ---- output ---- */

/*
 * The beginning of both streams is stored in the record, as long as there is room. What follows is
 * written to a file for each stream until `head` bytes of it are stored, and from then on to a
 * second file of `tail` bytes as a ring buffer. So the beginning and the end are stored in bounded
 * space.
 */
struct stream {
  const char *name, *tail_name;
  int pipe;
  int head_file, tail_file; /* created when there is content */
  uint64_t total;     /* bytes printed */
  uint64_t head_kept; /* bytes stored of the beginning */
  uint64_t inlined;   /* bytes of them that are in the record */
  uint64_t indexed;
  int64_t rests_until; /* not read before this time */
  bool no_room; /* the disk was full: nothing is stored from then on */
};

static struct stream streams[2] = {
    {.name = "stdout", .tail_name = "stdout.tail", .pipe = -1, .head_file = -1, .tail_file = -1},
    {.name = "stderr", .tail_name = "stderr.tail", .pipe = -1, .head_file = -1, .tail_file = -1},
};

static bool in_files; /* whether further output is stored in files */
static int index_file = -1;
static int64_t started_at;
static int64_t index_since; /* when the oldest byte that is not in the index was read */

static uint64_t stamp(const struct stream *stream, int64_t time) {
  return (uint64_t)(time - started_at) << 1 | (uint64_t)(stream - streams);
}

/*
 * FOLDER/index: the order and times in which output in files was read. Entries of 16 bytes in
 * native byte order: time and stream as in the record; then the size of that stream's beginning so
 * far.
 */
static void write_index(struct stream *stream) {
  if (stream->indexed == stream->head_kept || index_file < 0) {
    return;
  }
  uint64_t entry[2] = {stamp(stream, index_since), stream->head_kept};
  if (!write_all(index_file, entry, sizeof entry)) {
    close(index_file); /* Without an index the agent reads the files as they are. */
    index_file = -1;
    unlinkat(run_folder, "index", 0);
  }
  stream->indexed = stream->head_kept;
}

/*
 * From now on output is stored in FOLDER/stdout and FOLDER/stderr, which continue what the record
 * has of each stream.
 */
static void make_files(void) {
  in_files = true;
  index_file = openat(run_folder, "index", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  for (int i = 0; i < 2; i++) {
    streams[i].indexed = streams[i].head_kept;
  }
  if (!add_text("files\n")) {
    streams[0].no_room = streams[1].no_room = true;
  }
}

/* False if the record has no room for it. */
static bool keep_in_record(struct stream *stream, const char *bytes, size_t length) {
  char line[64];
  int time = snprintf(line, sizeof line, "> %" PRIu64 " %zu\n", stamp(stream, now()), length);
  struct iovec parts[] = {
      {.iov_base = line, .iov_len = (size_t)time},
      {.iov_base = (char *)bytes, .iov_len = length},
      {.iov_base = "\n", .iov_len = 1},
  };
  if (in_files || recorded + (uint64_t)time + length + sizeof "\nfiles\n" > INLINE_BYTES
      || !add(parts, 3)) {
    return false;
  }
  stream->inlined += length;
  return true;
}

/* False if there is no file and none can be created. */
static bool made(int *file, const char *name) {
  if (*file < 0) {
    *file = openat(run_folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  }
  return *file >= 0;
}

static bool keep_in_head(struct stream *stream, const char *bytes, size_t length) {
  if (keep_in_record(stream, bytes, length)) {
    return true;
  }
  if (!in_files) {
    make_files();
  }
  return !stream->no_room && made(&stream->head_file, stream->name)
      && write_all(stream->head_file, bytes, length);
}

static void keep(struct stream *stream, const char *bytes, size_t length) {
  if (in_files && stream->total < order.head && !stream->no_room) {
    struct stream *other = &streams[stream == streams];
    write_index(other);
    if (stream->indexed == stream->head_kept) {
      index_since = now();
    }
  }
  while (length > 0) {
    size_t part = length;
    bool kept;
    if (stream->no_room) {
      kept = true;
    } else if (stream->total < order.head) {
      uint64_t room = order.head - stream->total;
      part = part < room ? part : (size_t)room;
      bool begins_files = !in_files;
      kept = keep_in_head(stream, bytes, part);
      stream->head_kept += kept ? part : 0;
      if (!in_files) {
        stream->indexed = stream->head_kept;
      } else if (begins_files) {
        index_since = now();
      }
    } else if (order.tail == 0) {
      kept = true;
    } else {
      uint64_t place = (stream->total - order.head) % order.tail;
      uint64_t room = order.tail - place;
      part = part < room ? part : (size_t)room;
      if (stream->tail_file < 0) {
        /*
         * A lot of output: read fewer and larger chunks. Fails if the user has too many pipe
         * buffers.
         */
        fcntl(stream->pipe, F_SETPIPE_SZ, GULP);
      }
      kept = made(&stream->tail_file, stream->tail_name) && lseek(stream->tail_file, (off_t)place, SEEK_SET) >= 0
          && write_all(stream->tail_file, bytes, part);
    }
    if (!kept) {
      /* A partial write is not counted, and cut off. */
      stream->no_room = true;
      if (stream->total < order.head && stream->head_file >= 0
          && ftruncate(stream->head_file, (off_t)(stream->head_kept - stream->inlined)) != 0) {
        stream->head_kept = stream->total;
      }
    }
    stream->total += part;
    bytes += part;
    length -= part;
  }
}

/* False if there is nothing to read now. */
static bool read_some(struct stream *stream) {
  static char gulp[GULP];
  if (stream->pipe < 0) {
    return false;
  }
  ssize_t n = read(stream->pipe, gulp, sizeof gulp);
  if (n > 0) {
    keep(stream, gulp, (size_t)n);
    if (stream->total > order.head) {
      int64_t rest = n * (int64_t)MILLISECOND / FLOOD_BYTES_A_MILLISECOND;
      stream->rests_until = now() + (rest < FLOOD_PAUSE ? FLOOD_PAUSE : rest);
    }
    return true;
  }
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    close(stream->pipe);
    stream->pipe = -1;
  }
  return false;
}

/* ---- the run ---- */

enum phase { RUNNING, SETTLES, ENDING, DYING, OVER };

struct sent {
  int signal;
  int64_t after;
  const char *why;
};

static enum phase phase = RUNNING;
static pid_t script = -1; /* its pid, until it is reaped */
static bool script_ended;
static int script_status;
static bool children_left = true;
static int64_t ran = -1;
static int64_t deadline = INT64_MAX;
static const char *ending; /* why the keeper ends the run; NULL if it ends by itself */
static struct sent signals[MOST_SIGNALS];
static int signal_count;

static void reap(void) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == 0) {
      return;
    }
    if (pid < 0) {
      children_left = errno != ECHILD;
      return;
    }
    if (pid == script) {
      script = -1;
      script_ended = true;
      script_status = status;
    }
  }
}

static bool write_word(const char *path, const char *word) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  bool written = write_all(file, word, strlen(word));
  int error = errno;
  close(file);
  errno = error;
  return written;
}

/*
 * Orphans become children of the keeper immediately, and the list of children is read in
 * microseconds. Scanning /proc takes longer than a process lives that forks and exits every few
 * milliseconds; it was seen to take a second to catch such ones. Not every kernel has the list, so
 * the scan follows in any case.
 */
static void kill_children(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
  char *list = read_all(path, NULL);
  for (char *at = list, *end; at != NULL; at = end) {
    long child = strtol(at, &end, 10);
    if (end == at) {
      break;
    }
    kill((pid_t)child, SIGKILL); /* The pid cannot be reused until it is waited for. */
  }
  free(list);
}

/*
 * Signals all processes of the run. SIGKILL goes to the control group as well, from which forks
 * cannot escape.
 */
static void signal_all(int number) {
  if (number == SIGKILL && order.kill_folder != NULL) {
    char path[4200];
    snprintf(path, sizeof path, "%s/cgroup.kill", order.kill_folder);
    write_word(path, "1");
  }
  if (script > 0) {
    kill(-script, number); /* The id of the group cannot be reused before it is reaped. */
  }
  if (number == SIGKILL) {
    kill_children();
  }
  find_descendants();
  for (size_t i = 0; i < table_size; i++) {
    if (table[i].ours && (script <= 0 || getpgid(table[i].pid) != script)) {
      kill(table[i].pid, number);
    }
  }
}

static void send_signal(int number, const char *why, bool main_only) {
  if (signal_count < MOST_SIGNALS) {
    signals[signal_count++] = (struct sent){number, now() - started_at, why};
  }
  if (main_only && script > 0) {
    kill(script, number);
  } else {
    signal_all(number);
  }
}

static void end_run(const char *why, int64_t grace) {
  ending = why;
  phase = ENDING;
  send_signal(order.signal, why, order.main_first);
  deadline = now() + grace;
}

static void stop_asked(uint64_t request) {
  int64_t grace = (int64_t)(request >> 1);
  if (phase == RUNNING && !script_ended) {
    end_run(request & 1 ? "SHUTDOWN" : "CANCEL", grace);
  } else if (phase == ENDING && ending != NULL && now() + grace < deadline) {
    deadline = now() + grace;
  }
}

/* Advances the run as far as possible now. */
static void go_on(void) {
  int64_t t = now();
  bool gone = script_ended && !children_left;
  if (script_ended && ran < 0 && phase == RUNNING) {
    ran = t - started_at;
  }
  switch (phase) {
    case RUNNING:
      if (gone) {
        phase = OVER;
      } else if (script_ended) {
        phase = SETTLES;
        deadline = t + SETTLING;
      } else if (t - started_at >= order.timeout) {
        end_run("TIMEOUT", order.grace);
      } else {
        deadline = order.timeout > INT64_MAX - started_at ? INT64_MAX : started_at + order.timeout;
      }
      return;
    case SETTLES:
      if (gone) {
        phase = OVER;
      } else if (t >= deadline) {
        phase = ENDING;
        send_signal(SIGTERM, "LEFT_BEHIND", false);
        deadline = now() + LEFT_BEHIND_GRACE;
      }
      return;
    case ENDING:
      if (gone) {
        phase = OVER;
      } else if (t >= deadline) {
        phase = DYING;
        send_signal(SIGKILL, ending == NULL ? "LEFT_BEHIND" : ending, false);
        deadline = now() + KILLING;
      } else if (script_ended && order.main_first && deadline > t + LEFT_BEHIND_GRACE) {
        deadline = t + LEFT_BEHIND_GRACE; /* Only the script itself got the first signal. */
      }
      return;
    case DYING:
      if (gone || t >= deadline) {
        phase = OVER;
      } else {
        signal_all(SIGKILL);
      }
      return;
    case OVER:
      return;
  }
}

static int poll_timeout(void) {
  int64_t t = now(), until = phase == DYING ? t + MILLISECOND : deadline;
  for (int i = 0; i < 2; i++) {
    if (streams[i].rests_until > t && streams[i].rests_until < until) {
      until = streams[i].rests_until;
    }
    if (streams[i].indexed != streams[i].head_kept && index_since + INDEX_GRAIN < until) {
      until = index_since + INDEX_GRAIN;
    }
  }
  if (until <= t) {
    return 0;
  }
  int64_t milliseconds = (until - t + MILLISECOND - 1) / MILLISECOND;
  return milliseconds > 3600 * 1000 ? 3600 * 1000 : (int)milliseconds;
}

/* poll ignores -1. */
static int to_be_read(const struct stream *stream) {
  return stream->rests_until > now() ? -1 : stream->pipe;
}

static void watch(int signal_source) {
  go_on();
  while (phase != OVER) {
    struct pollfd sources[3] = {
        {.fd = signal_source, .events = POLLIN},
        {.fd = to_be_read(&streams[0]), .events = POLLIN},
        {.fd = to_be_read(&streams[1]), .events = POLLIN},
    };
    if (poll(sources, 3, poll_timeout()) > 0 && sources[0].revents != 0) {
      struct signalfd_siginfo info;
      while (read(signal_source, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == STOP_SIGNAL) {
          stop_asked(info.ssi_ptr);
        } else if (info.ssi_signo == SIGTERM && phase == RUNNING && !script_ended) {
          end_run("SHUTDOWN", order.grace); /* Something that ends everything on this host. */
        }
      }
    }
    for (int i = 0; i < 2; i++) {
      if (sources[i + 1].revents != 0) {
        read_some(&streams[i]);
      }
      if (streams[i].indexed != streams[i].head_kept && now() - index_since >= INDEX_GRAIN) {
        write_index(&streams[i]);
      }
    }
    reap();
    go_on();
  }
}

/* All output is in the pipes by now, unless another process holds their write ends. */
static void read_the_rest(void) {
  int64_t until = now() + LAST_WORDS;
  while ((streams[0].pipe >= 0 || streams[1].pipe >= 0) && now() < until) {
    struct pollfd sources[2] = {
        {.fd = streams[0].pipe, .events = POLLIN},
        {.fd = streams[1].pipe, .events = POLLIN},
    };
    poll(sources, 2, (int)((until - now()) / MILLISECOND) + 1);
    for (int i = 0; i < 2; i++) {
      while (read_some(&streams[i]) && now() < until) {
      }
    }
  }
  write_index(&streams[0]);
  write_index(&streams[1]);
}

/* ---- records ---- */

/*
 * The reader may be gone, which does not matter to the run. Standard output stays open: as long as
 * it is, the pid in the answer is that of this keeper.
 */
static void tell(const char *line) {
  write_all(STDOUT_FILENO, line, strlen(line));
}

static void record_script(void) {
  char state, line[64];
  pid_t parent;
  unsigned long long ticks = 0;
  look_at(script, &state, &parent, &ticks);
  snprintf(line, sizeof line, "%d %llu\n", (int)script, ticks);
  add_text(line);
}

/* Starts writing a file back to disk; a hint without guarantee. */
static void set_out(int file, unsigned flags) {
  if (file >= 0) {
    (void)sync_file_range(file, 0, 0, flags);
  }
}

/*
 * All at once, then one by one: where a file system has one journal for all files, the first fsync
 * includes the others, which halves the time. Most runs have only the record.
 */
static bool all_on_disk(void) {
  const int files[] = {streams[0].head_file, streams[0].tail_file, streams[1].head_file,
                       streams[1].tail_file, record};
  enum { FILES = sizeof files / sizeof *files, OUTPUTS = FILES - 1 };
  const unsigned ways[] = {SYNC_FILE_RANGE_WRITE, SYNC_FILE_RANGE_WAIT_BEFORE};
  bool has_files = false;
  for (int i = 0; i < OUTPUTS; i++) {
    has_files |= files[i] >= 0;
  }
  for (int way = 0; has_files && way < 2; way++) {
    for (int i = 0; i < FILES; i++) {
      set_out(files[i], ways[way]);
    }
  }
  for (int i = 0; i < OUTPUTS; i++) {
    if (files[i] >= 0) {
      fdatasync(files[i]); /* The output must be as durable as the record that counts it. */
    }
  }
  return fsync(record) == 0;
}

/* Appends the last part of the record, and returns once it is on disk. */
static void finish_record(const char *text) {
  struct timespec pause = {.tv_nsec = 200 * MILLISECOND};
  uint32_t before = checksum;
  uint64_t size = recorded;
  char end[32];
  for (bool written = false;;) {
    if (!written) {
      checksum = before;
      recorded = size;
      add_to_checksum(text, strlen(text));
      int length = snprintf(end, sizeof end, "end %08" PRIx32 "\n", checksum);
      struct iovec parts[] = {
          {.iov_base = (char *)text, .iov_len = strlen(text)},
          {.iov_base = end, .iov_len = (size_t)length},
      };
      written = add(parts, 2);
    }
    if (written && all_on_disk()) {
      return;
    }
    if (faccessat(AT_FDCWD, folder_path, F_OK, 0) != 0) {
      return; /* The agent has removed the folder, so the record is not needed any more. */
    }
    nanosleep(&pause, NULL);
  }
}

static void append_command(char *text, size_t room, pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
  size_t length = 0;
  char *command = read_all(path, &length);
  if (command == NULL || length == 0) {
    free(command);
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    command = read_all(path, &length);
  }
  size_t used = strlen(text);
  for (size_t i = 0; command != NULL && i < length && i < COMMAND_CHARACTERS && used + 2 < room;
       i++) {
    char c = command[i];
    text[used++] = (unsigned char)c < ' ' ? ' ' : c;
  }
  while (used > 0 && text[used - 1] == ' ') {
    used--;
  }
  text[used] = '\0';
  free(command);
}

/*
 * How the run ended, as lines. The numbers after a stream's name: bytes printed, bytes stored of
 * its beginning, and the offset of the oldest byte in the tail file.
 */
static void record_end(void) {
  static char text[END_BYTES - 64];
  size_t room = sizeof text, used = 0;
#define LINE(...)                                                       \
  do {                                                                  \
    int n = snprintf(text + used, room - used, __VA_ARGS__);            \
    used = n < 0 || used + (size_t)n >= room ? used : used + (size_t)n; \
    text[used] = '\0';                                                  \
  } while (0)
  if (!script_ended) {
    LINE("unended\n");
  } else if (WIFEXITED(script_status)) {
    LINE("exited %d\n", WEXITSTATUS(script_status));
  } else {
    LINE("signaled %d\n", WTERMSIG(script_status));
  }
  LINE("ran %" PRId64 "\n", ran);
  if (ending != NULL) {
    LINE("ending %s\n", ending);
  }
  LINE("containment %s\n", order.containment);
  for (int i = 0; i < signal_count; i++) {
    LINE("signal %d %" PRId64 " %s\n", signals[i].signal, signals[i].after, signals[i].why);
  }
  for (int i = 0; i < 2; i++) {
    uint64_t beyond = streams[i].total > order.head ? streams[i].total - order.head : 0;
    uint64_t oldest = order.tail > 0 && beyond > order.tail ? beyond % order.tail : 0;
    LINE("%s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", streams[i].name, streams[i].total,
         streams[i].head_kept, oldest);
    if (streams[i].no_room) {
      LINE("no_room %s\n", streams[i].name);
    }
  }
  size_t survivors = signal_count > 0 ? find_descendants() : 0;
  /* A scan can miss processes that fork and exit, while wait() knows that they exist. */
  for (int looks = 0; survivors == 0 && children_left && looks < MOST_LOOKS; looks++) {
    reap();
    survivors = find_descendants();
  }
  if (survivors > 0) {
    for (size_t i = 0; i < table_size && used + 512 < room; i++) {
      if (table[i].ours) {
        LINE("survivor %d ", (int)table[i].pid);
        append_command(text, room - 64, table[i].pid);
        used = strlen(text);
        LINE("\n");
      }
    }
  }
#undef LINE
  finish_record(text);
}

static bool begun; /* whether this keeper has the record */

static void record_failure(const char *stage, int error) {
  char line[128];
  snprintf(line, sizeof line, "failed %s %d\n", stage, error);
  tell(line);
  if (begun) {
    finish_record(line);
  }
}

/* ---- the start ---- */

struct failure {
  char stage[16];
  int error;
};

static void give_up(int report, const char *stage) {
  struct failure failure = {.error = errno};
  strncpy(failure.stage, stage, sizeof failure.stage - 1);
  write_all(report, &failure, sizeof failure);
  _exit(127);
}

static pid_t keeper;
static bool spared; /* whether it is the last candidate of the OOM killer */

/* Lowers a limit, soft and hard; never raises it. */
static bool lower(__rlimit_resource_t resource, rlim_t most) {
  struct rlimit limit;
  if (most == RLIM_INFINITY || getrlimit(resource, &limit) != 0) {
    return true;
  }
  limit.rlim_max = limit.rlim_max < most ? limit.rlim_max : most;
  limit.rlim_cur = limit.rlim_cur < most ? limit.rlim_cur : most;
  return setrlimit(resource, &limit) == 0;
}

/*
 * fork() into the run's control group, if it has one of its own in v2. A process that writes itself
 * into `cgroup.procs` waits until every processor has passed through the scheduler, which is 10 ms
 * on an idle host; a process that is created in the group does not. -1 if the kernel cannot do it
 * (before 5.7), a container runtime forbids it, or this user may not: the process joins by writing
 * then, which also gives the reason if it may not do that either.
 */
static pid_t fork_into_group(void) {
#if defined(CLONE_INTO_CGROUP) && defined(SYS_clone3)
  if (order.kill_folder == NULL) {
    return -1;
  }
  int group = open(order.kill_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (group < 0) {
    return -1;
  }
  struct clone_args how = {
      .flags = CLONE_INTO_CGROUP,
      .exit_signal = SIGCHLD,
      .cgroup = (uint64_t)group,
  };
  long pid = syscall(SYS_clone3, &how, sizeof how);
  close(group);
  return (pid_t)pid;
#else
  return -1;
#endif
}

/* Whether a `cgroup.procs` file is that of the group that the process was created in. */
static bool is_own_group(const char *procs) {
  size_t folder = strlen(order.kill_folder);
  return strncmp(procs, order.kill_folder, folder) == 0
      && strcmp(procs + folder, "/cgroup.procs") == 0;
}

/*
 * In the new process: becomes the script. Descriptors other than 0, 1 and 2 are close-on-exec.
 * `joined` says whether it is in the run's v2 group already.
 */
static void become_script(int report, int out, int err, bool joined) {
  if (setsid() < 0) {
    give_up(report, "session");
  }
  for (int i = 0; i < order.join_count; i++) {
    if (!(joined && is_own_group(order.join[i])) && !write_word(order.join[i], "0")) {
      give_up(report, "cgroup");
    }
  }
  if (spared) {
    write_word("/proc/self/oom_score_adj", "0");
  }
  if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) {
    give_up(report, "output");
  }
  if (!lower(RLIMIT_NOFILE, order.open_files) || !lower(RLIMIT_FSIZE, order.file_bytes)
      || !lower(RLIMIT_NPROC, order.user_processes)
      || (order.open_files != RLIM_INFINITY && !lower(RLIMIT_CORE, 0))) {
    give_up(report, "limits");
  }
  if (order.drop) {
    if (setgroups((size_t)order.group_count, order.groups) != 0
        || setresgid(order.group, order.group, order.group) != 0
        || setresuid(order.user, order.user, order.user) != 0
        || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
      give_up(report, "user");
    }
    umask(077);
  }
  if (chdir(order.directory) != 0) {
    give_up(report, "directory");
  }
  /* If the keeper is killed, nothing else would supervise this script. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != keeper) {
    give_up(report, "keeper");
  }
  signal(SIGPIPE, SIG_DFL); /* The only one that the keeper ignores; it handles none. */
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  /*
   * A process started concurrently holds copies of its parent's descriptors until it executes its
   * program. If one of them is the script just written, executing the script fails with ETXTBSY.
   */
  struct timespec pause = {.tv_nsec = 4 * MILLISECOND};
  for (int left = BUSY_TRIES; left >= 0; left--) {
    execve(order.program, order.arguments, order.environment);
    if (errno != ETXTBSY) {
      break;
    }
    nanosleep(&pause, NULL);
  }
  give_up(report, "program");
}

/* False if the script could not be started, which is recorded then. */
static bool start(void) {
  int report[2], out[2], err[2];
  if (pipe2(report, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
    record_failure("output", errno);
    return false;
  }
  keeper = getpid();
  started_at = now();
  script = fork_into_group();
  bool joined = script >= 0;
  if (!joined) {
    script = fork();
  }
  if (script == 0) {
    become_script(report[1], out[1], err[1], joined);
  }
  int error = errno;
  close(report[1]);
  close(out[1]);
  close(err[1]);
  if (script < 0) {
    record_failure("process", error);
    return false;
  }
  struct failure failure;
  ssize_t n;
  do {
    n = read(report[0], &failure, sizeof failure);
  } while (n < 0 && errno == EINTR);
  close(report[0]);
  if (n == (ssize_t)sizeof failure) {
    waitpid(script, NULL, 0);
    record_failure(failure.stage, failure.error);
    return false;
  }
  streams[0].pipe = out[0];
  streams[1].pipe = err[0];
  for (int i = 0; i < 2; i++) {
    fcntl(streams[i].pipe, F_SETFL, O_NONBLOCK);
  }
  return true;
}

/* ---- one keeper ---- */

static char boot[64] = "-";

/* What is the same for all keepers of a zygote. */
static void prepare(void) {
  /* Before anybody can know this process and signal it. */
  sigset_t heard;
  sigemptyset(&heard);
  sigaddset(&heard, SIGCHLD);
  sigaddset(&heard, STOP_SIGNAL);
  sigaddset(&heard, SIGTERM);
  sigaddset(&heard, SIGINT);
  sigaddset(&heard, SIGHUP);
  sigprocmask(SIG_BLOCK, &heard, NULL);
  signal(SIGPIPE, SIG_IGN);
  char *id = read_all("/proc/sys/kernel/random/boot_id", NULL);
  if (id != NULL) {
    snprintf(boot, sizeof boot, "%.*s", (int)strcspn(id, "\n"), id);
    free(id);
  }
  /* The last candidate of the OOM killer; only root may set this. */
  spared = write_word("/proc/self/oom_score_adj", "-900");
}

/* Keeps one run; the exit code of this process. */
static int keep_run(const char *folder) {
  sigset_t heard;
  sigprocmask(SIG_SETMASK, NULL, &heard); /* What prepare() has blocked. */
  int signal_source = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
  snprintf(folder_path, sizeof folder_path, "%s", folder);
  run_folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (signal_source < 0 || run_folder < 0 || !read_order()) {
    record_failure("order", errno);
    return 1;
  }
  begun = begin(boot);
  if (!begun) {
    record_failure("begin", errno);
    return 1;
  }
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    record_failure("subreaper", errno);
    return 1;
  }
  if (!start()) {
    return 1;
  }
  record_script();
  char line[64];
  snprintf(line, sizeof line, "started %d %d\n", (int)script, (int)keeper);
  tell(line);
  watch(signal_source);
  if (ran < 0 || ending != NULL) {
    ran = now() - started_at;
  }
  read_the_rest();
  record_end();
  return 0;
}

/* ---- many keepers ---- */

/*
 * capataz-keeper --zygote PLACE
 *
 * Forks a keeper for each message on standard input, a socket. The message is the run's folder, and
 * comes with two descriptors: the keeper's standard input and standard output. The zygote ends when
 * the agent closes its end of the socket. It knows nothing of runs and reads no order, so that no
 * keeper finds another's in its memory.
 */
static int zygote(char *place) {
  size_t room = strlen(place);
  signal(SIGCHLD, SIG_IGN); /* The kernel reaps keepers. */
  int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  tell("capataz-keeper 1\n");
  if (nothing < 0 || dup2(nothing, STDOUT_FILENO) < 0) {
    return 1;
  }
  for (;;) {
    char folder[4096];
    union {
      struct cmsghdr head;
      char room[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = folder, .iov_len = sizeof folder - 1};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t n = recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return 0;
    }
    folder[n] = '\0';
    int files[2] = {-1, -1};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
      size_t bytes = head->cmsg_len - CMSG_LEN(0);
      memcpy(files, CMSG_DATA(head), bytes < sizeof files ? bytes : sizeof files);
    }
    bool whole = files[1] >= 0 && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    pid_t pid = whole ? fork() : 0;
    if (whole && pid == 0) {
      signal(SIGCHLD, SIG_DFL);
      setsid();
      /* Its end of the socket must be the zygote's alone, so that the zygote's death is noticed. */
      if (dup2(files[0], STDIN_FILENO) < 0 || dup2(files[1], STDOUT_FILENO) < 0) {
        _exit(1);
      }
      close(files[0]);
      close(files[1]);
      close(nothing);
      strncpy(place, folder, room); /* Shown in the list of processes. */
      _exit(keep_run(folder));
    }
    if (pid < 0) {
      char line[64];
      int length = snprintf(line, sizeof line, "failed fork %d\n", errno);
      write_all(files[1], line, (size_t)length);
    }
    for (int i = 0; i < 2; i++) {
      if (files[i] >= 0) {
        close(files[i]);
      }
    }
  }
}

int main(int count, char **words) {
  if (count == 2 && strcmp(words[1], "--version") == 0) {
    puts("capataz-keeper 1");
    return 0;
  }
  bool many = count == 3 && strcmp(words[1], "--zygote") == 0;
  if (count != 2 && !many) {
    fputs("Usage: capataz-keeper FOLDER | --zygote PLACE\nIt is started by the Capataz agent.\n",
          stderr);
    return 2;
  }
  prepare();
  if (chdir("/") != 0) {
    return 1;
  }
  return many ? zygote(words[2]) : keep_run(words[1]);
}
