#pragma once
#include <stdint.h>

/// How often this process has allocated memory so far, on all threads.
uint64_t allocation_count(void);

/// How often the calling thread has allocated memory so far.
uint64_t thread_allocation_count(void);

/// How often this process has locked a POSIX mutex so far, on all threads.
uint64_t lock_count(void);

/// Begins to count changes of reference counts; 0 if this runtime of Swift can't.
int count_references(void);

/// How often this process has retained or released since `count_references`, on all threads.
uint64_t reference_count(void);
