import CLinux
import Foundation
import Recordings

import struct Crypto.SHA256

/// A regular file that is open for reading, closed with its owner.
struct ReadFile: ~Copyable {
    let identity: FileIdentity
    let sizeBytes: Int64
    private let descriptor: Int32
    private let path: String

    /// - Returns: nil when what was opened is no regular file.
    init?(_ descriptor: Int32, _ path: String) throws(Failure) {
        var status = stat()
        let result = fstat(descriptor, &status)
        guard result == 0, status.st_mode & S_IFMT == S_IFREG else {
            let failure = FileSystem.failure("look at", path)
            close(descriptor)
            if result != 0 { throw failure }
            return nil
        }
        identity = FileIdentity(status)
        sizeBytes = Int64(status.st_size)
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Tells the system that the file is about to be read from its start.
    func announce() {
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_WILLNEED)
    }

    /// The whole file.
    func content() throws(Failure) -> Data {
        var data = Data()
        data.reserveCapacity(Int(sizeBytes))
        var buffer = ReadBuffer()
        try forEachPart(&buffer) { data.append(contentsOf: $0) }
        return data
    }

    /// Fills `buffer` with the bytes behind those that were read before.
    ///
    /// - Returns: how many they are; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileSystem.failure("read", path) }
        }
    }

    func digest(_ buffer: inout ReadBuffer) throws(Failure) -> (sha256: Digest, sizeBytes: Int64) {
        var hash = SHA256()
        var size: Int64 = 0
        try forEachPart(&buffer) { part in
            hash.update(bufferPointer: part)
            size += Int64(part.count)
        }
        return (Digest(bytes: hash.finalize()), size)
    }

    private func forEachPart(
        _ buffer: inout ReadBuffer,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        while true {
            let count = buffer.bytes.withUnsafeMutableBytes { bytes in
                let count = Foundation.read(descriptor, bytes.baseAddress, bytes.count)
                if count > 0 { body(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
                return count
            }
            if count == 0 { return }
            if count < 0, errno != EINTR { throw FileSystem.failure("read", path) }
        }
    }
}

/// Memory that one reader uses for file after file: half a core's cache, more than a recording of two minutes.
struct ReadBuffer: ~Copyable {
    fileprivate var bytes = [UInt8](repeating: 0, count: 512 << 10)
}
