#include <errno.h>
#include <fcntl.h>

// C, because Swift runs nothing before its runtime has opened descriptors of its own.
__attribute__((constructor(101))) static void open_standard_streams(void) {
  for (int number = 0; number <= 2; number++) {
    if (fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
    // What is written to the second one is data: that it goes nowhere stays an error.
    int got = open("/dev/null", number == 2 ? O_WRONLY : O_RDONLY);
    // The lowest free one is this one.
    if (got != number) return;
  }
}
