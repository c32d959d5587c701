// Counts locks and changes of reference counts, as CAllocationCounter.c counts allocations.

#define _GNU_SOURCE
#include "CAllocationCounter.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static _Atomic uint64_t locks, references;

uint64_t lock_count(void) { return atomic_load_explicit(&locks, memory_order_relaxed); }

uint64_t reference_count(void) { return atomic_load_explicit(&references, memory_order_relaxed); }

int pthread_mutex_lock(pthread_mutex_t *mutex) {
  static _Atomic(int (*)(pthread_mutex_t *)) itself;
  int (*lock)(pthread_mutex_t *) = atomic_load_explicit(&itself, memory_order_relaxed);
  if (!lock) {
    lock = (int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_lock");
    atomic_store_explicit(&itself, lock, memory_order_relaxed);
  }
  atomic_fetch_add_explicit(&locks, 1, memory_order_relaxed);
  return lock(mutex);
}

// Stand before Swift's runtime for code that is linked into the program. On arm64 its callers expect these functions to
// leave most registers alone.
#if defined(__aarch64__)
#define REFERENCE_CALL __attribute__((preserve_most))
#else
#define REFERENCE_CALL
#endif

static _Atomic bool counts_references;
static void *REFERENCE_CALL (*retain_itself)(void *);
static void REFERENCE_CALL (*release_itself)(void *);

// Other libraries' initialisers come before ours.
static __attribute__((noinline)) void find_runtime(void) {
  retain_itself = (void *REFERENCE_CALL(*)(void *))dlsym(RTLD_NEXT, "swift_retain");
  release_itself = (void REFERENCE_CALL (*)(void *))dlsym(RTLD_NEXT, "swift_release");
}

REFERENCE_CALL void *swift_retain(void *object) {
  if (atomic_load_explicit(&counts_references, memory_order_relaxed))
    atomic_fetch_add_explicit(&references, 1, memory_order_relaxed);
  if (__builtin_expect(!retain_itself, 0)) find_runtime();
  return retain_itself(object);
}

REFERENCE_CALL void swift_release(void *object) {
  if (atomic_load_explicit(&counts_references, memory_order_relaxed))
    atomic_fetch_add_explicit(&references, 1, memory_order_relaxed);
  if (__builtin_expect(!release_itself, 0)) find_runtime();
  release_itself(object);
}

int count_references(void) {
  if (!retain_itself || !release_itself) return 0;
  atomic_store(&counts_references, true);
  return 1;
}
