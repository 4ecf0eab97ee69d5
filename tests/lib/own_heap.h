/* Own heap: OWN_HEAP is defined where a sanitizer's allocator stands in for the system's: then memory figures and failing allocations are not the program's. */
#ifndef LICET_TESTS_OWN_HEAP_H
#define LICET_TESTS_OWN_HEAP_H
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_HEAP 1
#endif
#endif
#endif
