import ArchiveReader
import Foundation
import Recordings

/// A folder on this machine into which others put archives, seen through its descriptor: what it lists, and what of that
/// can be read. Nothing that it lists is passed over in silence.
struct DropFolder: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// - Throws: ``Trouble`` when it is not there, not a folder, or may not be listed.
    init(_ path: String) throws(Trouble) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Trouble(.folder, path, .system(errno)) }
    }

    deinit { close(descriptor) }

    /// One name in the folder.
    struct Entry: Hashable {
        /// As the file system has it: any bytes but a slash.
        let bytes: [UInt8]

        /// As text; nil when it is not UTF-8.
        var name: String? { String(validating: bytes, as: UTF8.self) }

        /// As texts in which a pattern can be looked for: a name that is not UTF-8 with its odd bytes replaced, and as
        /// Latin-1 (ISO 8859-1), in which each byte is a character.
        var readings: [String] {
            if let name { return [name] }
            let latin = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
            return [String(decoding: bytes, as: UTF8.self), latin]
        }

        /// As it can be shown.
        var shown: String { MemberName(bytes).text }
    }

    /// All entries, in the order of their bytes.
    ///
    /// - Throws: ``Trouble`` when the folder cannot be read to its end.
    func entries() throws(Trouble) -> [Entry] {
        // A descriptor of its own, which the reading may close.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Without the right to enter, the folder's own descriptor has to do.
        let reading = copy >= 0 ? copy : fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard reading >= 0, let folder = fdopendir(reading) else {
            let cause = errno
            if reading >= 0 { close(reading) }
            throw Trouble(.folder, path, .system(cause))
        }
        defer { closedir(folder) }
        rewinddir(folder)
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else { break }
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { name in
                    UnsafeBufferPointer(start: name, count: strnlen(name, Int(NAME_MAX) + 1)).map(
                        UInt8.init(bitPattern:)
                    )
                }
            }
            if bytes != [UInt8(ascii: ".")], bytes != [UInt8(ascii: "."), UInt8(ascii: ".")] {
                entries.append(Entry(bytes: bytes))
            }
        }
        guard errno == 0 else { throw Trouble(.folder, path, .system(errno)) }
        return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// An entry as an archive that can be read.
    ///
    /// - Throws: ``Trouble`` when it is anything but a regular file that this user may read.
    func archive(_ entry: Entry) throws(Trouble) -> FetchedArchive {
        guard let name = entry.name else { throw Trouble(.entry, entry.shown, .notUTF8) }
        var status = stat()
        guard fstatat(descriptor, name, &status, 0) == 0 else {
            let cause = errno
            var link = stat()
            let isDangling =
                fstatat(descriptor, name, &link, AT_SYMLINK_NOFOLLOW) == 0 && link.st_mode & S_IFMT == S_IFLNK
            throw Trouble(.entry, entry.shown, cause == ENOENT && isDangling ? .danglingLink : .system(cause))
        }
        // A device or a pipe is not even opened.
        try Self.check(status, entry)
        let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { throw Trouble(.entry, entry.shown, .system(errno)) }
        defer { close(file) }
        guard fstat(file, &status) == 0 else { throw Trouble(.entry, entry.shown, .system(errno)) }
        // It may have been exchanged in between.
        try Self.check(status, entry)
        var first: UInt8 = 0
        guard pread(file, &first, 1, 0) >= 0 else { throw Trouble(.entry, entry.shown, .system(errno)) }
        let nanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        return FetchedArchive(
            name: name,
            path: "\(path)/\(name)",
            sizeBytes: Int64(status.st_size),
            fingerprint: "\(status.st_size) bytes, modified \(nanoseconds)"
        )
    }

    private static func check(_ status: stat, _ entry: Entry) throws(Trouble) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Trouble(.entry, entry.shown, .kind("a folder"))
        case S_IFIFO: throw Trouble(.entry, entry.shown, .kind("a named pipe"))
        case S_IFSOCK: throw Trouble(.entry, entry.shown, .kind("a socket"))
        default: throw Trouble(.entry, entry.shown, .kind("a device"))
        }
    }
}

extension DropFolder {
    /// Why a drop folder, or one thing in it, cannot be read; each part in a field of its own.
    struct Trouble: Error, Hashable {
        enum Subject: Hashable { case folder, entry }

        enum Cause: Hashable {
            /// An `errno`.
            case system(Int32)
            case danglingLink
            case notUTF8
            /// What it is instead of a regular file.
            case kind(String)
        }

        let subject: Subject
        /// The folder's path, or the entry's name as it can be shown.
        let name: String
        let cause: Cause

        init(_ subject: Subject, _ name: String, _ cause: Cause) {
            self.subject = subject
            self.name = name
            self.cause = cause
        }

        /// What is wrong, as the end of a message.
        var description: String {
            switch (subject, cause) {
            case (.folder, .system(ENOENT)): "there is no folder \(name)"
            case (.folder, .system(ENOTDIR)): "\(name) is not a folder"
            case (.folder, .system(let code)): "the folder \(name) cannot be listed: \(String(cString: strerror(code)))"
            case (.entry, .system(ENOENT)): "\(name) was there a moment ago, and is gone"
            case (_, .system(let code)): "\(name) cannot be read: \(String(cString: strerror(code)))"
            case (_, .danglingLink): "\(name) is a symbolic link to nothing"
            case (_, .notUTF8): "the name of \(name) is not UTF-8"
            case (_, .kind(let what)): "\(name) is \(what), not an archive"
            }
        }

        /// What a person can do.
        var advice: String {
            switch (subject, cause) {
            case (.folder, .system(ENOENT)), (.folder, .system(ENOTDIR)):
                "Check that the disk is mounted and that dialer.sources names the right path"
            case (.folder, .system(EACCES)), (.folder, .system(EPERM)):
                "Let the user who runs dialvault list and enter the folder (chmod or setfacl, r-x)"
            case (.entry, .system(EACCES)), (.entry, .system(EPERM)):
                "Let the user who runs dialvault enter the folder (x) and read the file (r)"
            case (.entry, .system(ENOENT)): "Run the day again when nothing is being moved there"
            case (_, .system): "Check the disk, and run the day again"
            case (_, .danglingLink): "Check where the link leads and that the disk there is mounted"
            case (_, .notUTF8): "Rename it, for example with convmv, and have whoever provides it write names in UTF-8"
            case (_, .kind): "Move it out of the folder, or have dialer.sources give a pattern that does not match it"
            }
        }
    }
}
