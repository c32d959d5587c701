#pragma once
#include <sys/timex.h>

/// Whether the kernel's clock is kept by a time server or another source (adjtimex(2)): 1 yes, 0 no, -1 unknown.
static inline int salle_clock_is_synchronised(void) {
  struct timex state = {0};
  int code = adjtimex(&state);
  if (code < 0) return -1;
  return code != TIME_ERROR && !(state.status & STA_UNSYNC);
}
