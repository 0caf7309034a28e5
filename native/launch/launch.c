// vistter-launch [--nice N] [--idle] [--huge-pages] [--memory MIB] -- command args…
//
// Becomes the command after asking the kernel to kill it when the parent dies, however that happens: a parent that was
// killed with -9 can clean up nothing, and an encoder without one would hold its sockets and cores for ever.
//
// --nice: a niceness of its own.
// --idle: gets what nobody else wants of the processor and the disk. Where the kernel shares the processor among sessions first
// (sched_autogroup, on by default in Debian), neither niceness nor the idle class counts against other sessions: it gets a session of
// its own, and that one steps back. --memory: more data than that cannot be had. --huge-pages: its allocator has one heap of huge pages.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The shell's own codes, so that a caller tells "could not start" from whatever the command itself exits with.
enum { kUsage = 125, kCannotRun = 126, kNotFound = 127 };

// linux/ioprio.h, which not every libc brings.
enum { kIoprioWhoProcess = 1, kIoprioClassIdle = 3, kIoprioClassShift = 13 };

// For what is over in seconds and has many pictures in memory meanwhile: up to a quarter of its time went into getting memory from the
// kernel, 4 KiB at a time, that it soon gave back. What lives long gains nothing. glibc before 2.35 and other libraries ignore it.
// Pieces of up to 32 MiB come from its heap, which grows by 16 MiB more than is asked for and keeps 256 MiB of what is given back.
static const char kHugePages[] =
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=16777216";

static int usage(void) {
  fputs("usage: vistter-launch [--nice N] [--idle] [--huge-pages] [--memory MIB] -- command [args...]\n", stderr);
  return kUsage;
}

static int number(const char* text, long least, long most, long* value) {
  char* end = NULL;
  errno = 0;
  *value = strtol(text, &end, 10);
  return *text != '\0' && *end == '\0' && errno == 0 && *value >= least && *value <= most;
}

// A kernel without one of these runs the command all the same, only not as far back.
static void step_back(void) {
  const struct sched_param none = {0};
  setsid();
  // Without special rights the kernel lets one such change through in 100 ms, of all processes together.
  for (int i = 0; i < 3; i++) {
    const int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (file < 0) break;
    const ssize_t written = write(file, "19", 2);
    const int problem = errno;
    close(file);
    if (written == 2 || problem != EAGAIN) break;
    nanosleep(&(struct timespec){.tv_nsec = 110 * 1000 * 1000}, NULL);
  }
  sched_setscheduler(0, SCHED_IDLE, &none);
  syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kIoprioClassIdle << kIoprioClassShift);
}

int main(int argc, char** argv) {
  const pid_t parent = getppid();
  long niceness = 0;
  long memory_mib = 0;
  int idle = 0;
  int i = 1;
  for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--idle") == 0) {
      idle = 1;
      niceness = 19;
    } else if (strcmp(argv[i], "--huge-pages") == 0) {
      setenv("GLIBC_TUNABLES", kHugePages, 1);
    } else if (strcmp(argv[i], "--nice") == 0 && i + 1 < argc) {
      if (!number(argv[++i], -20, 19, &niceness)) return usage();
    } else if (strcmp(argv[i], "--memory") == 0 && i + 1 < argc) {
      if (!number(argv[++i], 1, 1 << 20, &memory_mib)) return usage();
    } else {
      return usage();
    }
  }
  if (i + 1 >= argc) return usage();

  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    fprintf(stderr, "vistter-launch: cannot tie the child to its parent: %s\n", strerror(errno));
    return kCannotRun;
  }
  // The parent may have died between its fork and the line above; then no signal would ever come.
  if (getppid() != parent) return kCannotRun;

  // Without the right to raise its priority the command still runs, only not as favoured as asked.
  if (niceness != 0 && setpriority(PRIO_PROCESS, 0, (int)niceness) != 0 && niceness > 0) {
    fprintf(stderr, "vistter-launch: nice %ld: %s\n", niceness, strerror(errno));
  }
  if (idle) step_back();
  if (memory_mib > 0) {
    const rlim_t bytes = (rlim_t)memory_mib << 20;
    const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
    if (setrlimit(RLIMIT_DATA, &limit) != 0) {
      fprintf(stderr, "vistter-launch: memory %ld MiB: %s\n", memory_mib, strerror(errno));
      return kCannotRun;
    }
  }

  execvp(argv[i + 1], argv + i + 1);
  fprintf(stderr, "vistter-launch: %s: %s\n", argv[i + 1], strerror(errno));
  return errno == ENOENT ? kNotFound : kCannotRun;
}
