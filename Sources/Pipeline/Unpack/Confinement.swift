import CLinux
import Foundation

/// What a process gives up before it looks at an archive.
enum Confinement {
    /// From here on this process, and every thread that it starts, can make no file outside of `writable`, can read none
    /// outside of `readable` and the system's own, starts no program that would have more rights, leaves no memory
    /// image behind and ends with its parent.
    ///
    /// Call it before any other thread runs. Where the kernel has no Landlock, the rest still holds.
    ///
    /// - Returns: whether the kernel guards the file system.
    @discardableResult
    static func enter(readable: [String], writable: [String]) -> Bool {
        // What the starting process had open is not this one's business.
        guard linux_close_from(3) == 0, linux_keep_small() == 0 else { return false }
        let rules = linux_start_rules()
        guard rules >= 0 else { return false }
        // Time zones, locales and the character set tables that a conversion may still load.
        for path in ["/usr/share", "/usr/lib", "/lib", "/lib64", "/etc/localtime", "/etc/ld.so.cache"] + readable {
            allow(rules, path, writes: false)
        }
        for path in writable { allow(rules, path, writes: true) }
        return linux_enter(rules) == 0
    }

    /// A path that is not there needs no rule.
    private static func allow(_ rules: Int32, _ path: String, writes: Bool) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        _ = linux_allow(rules, path, isFolder ? 1 : 0, writes && isFolder ? 1 : 0)
    }
}
