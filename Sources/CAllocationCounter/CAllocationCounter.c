// Stands before the C library's allocator in programs that link this, and counts. An executable's own definitions win
// over those of shared libraries, so what Swift's runtime, OpenSSL and libsrtp allocate is counted too.

#include "CAllocationCounter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic uint64_t count;
// Initial-exec: any other model might allocate at a thread's first use, and so never end.
static __thread uint64_t thread_count __attribute__((tls_model("initial-exec")));

uint64_t allocation_count(void) { return atomic_load_explicit(&count, memory_order_relaxed); }

uint64_t thread_allocation_count(void) { return thread_count; }

static void note(void) {
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
  thread_count += 1;
}

// glibc's own names for its allocator; memory from them is freed by the untouched `free`.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  note();
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  note();
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  note();
  void *result = __libc_memalign(alignment, size);
  if (!result) return ENOMEM;
  *memory = result;
  return 0;
}
