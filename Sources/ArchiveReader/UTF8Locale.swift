import Foundation

/// Has libarchive convert names as UTF-8 on this thread: under the C locale it gives up on all that are not ASCII.
struct UTF8Locale {
    private let former: locale_t?
    private let own: locale_t?

    init() {
        own = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
        former = own.flatMap { uselocale($0) }
    }

    /// Call on the same thread.
    func restore() {
        if let former { uselocale(former) }
        if let own { freelocale(own) }
    }
}
