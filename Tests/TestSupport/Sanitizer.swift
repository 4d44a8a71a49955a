/// Whether scripts/sanitize runs the tests: nothing can be said of memory then, and the unpack worker's limit is left out.
#if SANITIZED
    package let isSanitized = true
#else
    package let isSanitized = false
#endif
