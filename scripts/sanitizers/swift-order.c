// Tells the thread sanitizer what Swift's libraries order, which are built without it. Preloaded.
//
// Mutex: the uncontended half of Synchronization.Mutex is compiled into the code that uses it, where the sanitizer sees it. The
// contended half is in libswiftSynchronization, which is built without the sanitizer: a thread that had to wait for the
// lock seems to have taken none, and all that the lock guards is reported. These functions stand before the library's own,
// call them, and say what they order. The names are those of the Swift 6 runtime on Linux.
//
// Tasks: libswift_Concurrency says itself what a job's start and a continuation's resumption order, if libswiftCore has told
// it how (_swift_tsan_acquire and _swift_tsan_release). It does so when the sanitizer calls __tsan_on_initialize, of which a
// program on Linux has an empty one of its own. It forgets a continuation that is resumed before it is waited for.
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

__attribute__((constructor)) static void tell_tasks(void) {
    bool *is_enabled = dlsym(RTLD_DEFAULT, "_swift_tsan_enabled");
    void **acquire = dlsym(RTLD_DEFAULT, "_swift_tsan_acquire");
    void **release = dlsym(RTLD_DEFAULT, "_swift_tsan_release");
    if (is_enabled == NULL || acquire == NULL || release == NULL) return;
    *acquire = dlsym(RTLD_DEFAULT, "__tsan_acquire");
    *release = dlsym(RTLD_DEFAULT, "__tsan_release");
    *is_enabled = *acquire != NULL && *release != NULL;
}

SWIFT void *swift_task_getCurrent(void);

#define RESUME(name, parameters, arguments)                                                        \
    SWIFT void name parameters {                                                                   \
        SWIFT void(*own) parameters = (SWIFT void(*) parameters)dlsym(RTLD_NEXT, #name);           \
        tell("__tsan_release", task);                                                              \
        own arguments;                                                                             \
    }

RESUME(swift_continuation_resume, (void *task), (task))
RESUME(swift_continuation_throwingResume, (void *task), (task))
RESUME(swift_continuation_throwingResumeWithError, (void *task, void *error), (task, error))

// Its parameter comes as any other, not as an asynchronous function's context.
__attribute__((swiftasynccall)) void swift_continuation_await(void *context) {
    typedef __attribute__((swiftasynccall)) void (*await_function)(void *);
    tell("__tsan_acquire", swift_task_getCurrent());
    await_function next = (await_function)dlsym(RTLD_NEXT, "swift_continuation_await");
    __attribute__((musttail)) return next(context);
}
