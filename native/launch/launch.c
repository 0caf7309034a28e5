// vistter-launch [--nice N] -- command args…
//
// Becomes the command after asking the kernel to kill it when the parent dies, however that happens: a parent that was
// killed with -9 can clean up nothing, and an encoder without one would hold its sockets and cores for ever.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// The shell's own codes, so that a caller tells "could not start" from whatever the command itself exits with.
enum { kUsage = 125, kCannotRun = 126, kNotFound = 127 };

static int usage(void) {
  fputs("usage: vistter-launch [--nice N] -- command [args...]\n", stderr);
  return kUsage;
}

int main(int argc, char** argv) {
  const pid_t parent = getppid();
  int niceness = 0;
  int i = 1;
  for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--nice") != 0 || i + 1 >= argc) return usage();
    char* end = NULL;
    const long value = strtol(argv[++i], &end, 10);
    if (*argv[i] == '\0' || *end != '\0' || value < -20 || value > 19) return usage();
    niceness = (int)value;
  }
  if (i + 1 >= argc) return usage();

  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    fprintf(stderr, "vistter-launch: cannot tie the child to its parent: %s\n", strerror(errno));
    return kCannotRun;
  }
  // The parent may have died between its fork and the line above; then no signal would ever come.
  if (getppid() != parent) return kCannotRun;

  // Without the right to raise its priority the command still runs, only not as favoured as asked.
  if (niceness != 0 && setpriority(PRIO_PROCESS, 0, niceness) != 0 && niceness > 0) {
    fprintf(stderr, "vistter-launch: nice %d: %s\n", niceness, strerror(errno));
  }

  execvp(argv[i + 1], argv + i + 1);
  fprintf(stderr, "vistter-launch: %s: %s\n", argv[i + 1], strerror(errno));
  return errno == ENOENT ? kNotFound : kCannotRun;
}
