// Tells the thread sanitizer about Swift's Mutex where it is contended.
//
// The uncontended half of Synchronization.Mutex is compiled into the code that uses it, where the sanitizer sees it. The
// contended half is in libswiftSynchronization, which is built without the sanitizer: a thread that had to wait for the
// lock seems to have taken none, and all that the lock guards is reported. Preloaded, these functions stand before the
// library's own, call them, and say what they order. The names are those of the Swift 6 runtime on Linux.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

static void tell(const char *what, void *lock) {
    void (*say)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, what);
    if (say != NULL) say(lock);
}

SWIFT void lock_slow(uint32_t thread, SELF void *lock) __asm__(LOCK);
SWIFT bool try_lock_slow(SELF void *lock) __asm__(TRY);
SWIFT void unlock_slow(SELF void *lock) __asm__(UNLOCK);

SWIFT void lock_slow(uint32_t thread, SELF void *lock) {
    SWIFT void (*own)(uint32_t, SELF void *) = (SWIFT void (*)(uint32_t, SELF void *))dlsym(RTLD_NEXT, LOCK);
    own(thread, lock);
    tell("__tsan_acquire", lock);
}

SWIFT bool try_lock_slow(SELF void *lock) {
    SWIFT bool (*own)(SELF void *) = (SWIFT bool (*)(SELF void *))dlsym(RTLD_NEXT, TRY);
    bool isLocked = own(lock);
    if (isLocked) tell("__tsan_acquire", lock);
    return isLocked;
}

SWIFT void unlock_slow(SELF void *lock) {
    SWIFT void (*own)(SELF void *) = (SWIFT void (*)(SELF void *))dlsym(RTLD_NEXT, UNLOCK);
    tell("__tsan_release", lock);
    own(lock);
}
